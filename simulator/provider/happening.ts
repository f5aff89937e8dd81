/** Something that a provider did; tests wait on these. */
export type Happening = { readonly provider: string } & (
  | { readonly kind: 'connected' | 'disconnected' | 'up' | 'down' }
  | { readonly kind: 'accepted'; readonly recipient: string; readonly messageId: string | null }
  | {
      readonly kind: 'refused';
      /** Behaviour or limit. */
      readonly cause: string;
      readonly recipient: string | null;
      readonly reply: string;
    }
  /** Mail that it sent back, and the last word on it. */
  | {
      readonly kind: 'returned';
      readonly cause: string;
      readonly recipient: string | null;
      readonly to: string;
      readonly reply: string;
    }
  | { readonly kind: 'dropped'; readonly cause: string; readonly recipient: string | null }
);
