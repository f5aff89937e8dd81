import type { Language } from '../base/index.ts';
import type { Config } from '../config/index.ts';

/** What the product is opened with. */
export type ProductSetting = {
  readonly config: Config;
  /** Absolute folder of `--data`. */
  readonly dataDirectory: string;
  readonly language: Language;
};

/** The product, opened for one command: each command adds here what it asks of it; app/wire.ts fills it. */
export interface Product {
  /** Lets go of the data folder, connections and timers. */
  close(): Promise<void>;
}

/** Opens the product; throws AppError when the data folder is in use, too new, or cannot be written. */
export type OpenProduct = (setting: ProductSetting) => Promise<Product>;
