// How mail software says that a mail was not delivered. One alternative a phrase, by language; written from the texts that
// the software is documented to send and from plain translations, so that a language nobody sampled is known too.
const phrases: readonly string[] = [
  // English
  String.raw`undeliver(?:able|ed)|(?:un|not )deliverable|non-?delivery`,
  String.raw`(?:could|can|can ?not|was|were|has|have|had|is|are|did|does|will|would)(?: ?not|n['’]t)(?: yet)?(?: be| been| get)?(?: successfully)? ?(?:deliver|sen[dt]|reach|relay|forward|accept|process|route|complete|dispatched|transmitted|transferred)`,
  String.raw`(?:unable|not able|impossible|failed) to (?:be )?(?:deliver|send|reach|relay|forward|transmit|route|complete)`,
  String.raw`(?:delivery|message|e-?mail|mail|transmission|transport|recipients?|address(?:es|\(es\))?)\b(?:[^.\n]|\.(?=\S)){0,80}\b(?:fail(?:ed|ure|s)?|errors?|rejected|returned|refused|bounced|blocked|delayed|undelivered|problems?)\b`,
  String.raw`fail(?:ed|ure)\b[^.\n]{0,30}\b(?:deliver|delivery|recipient|notice|notification)`,
  String.raw`(?:error|problem|trouble)s?\b[^.\n]{0,30}\bdeliver`,
  String.raw`returned (?:mail|message|to sender|e-?mail)|mail (?:system )?error|returning message`,
  String.raw`(?:permanent|fatal|transient|non-fatal|temporary)(?:ly)? (?:fatal |non-fatal |delivery )?(?:errors?|fail)`,
  String.raw`(?:user|recipient|mailbox|account|address)(?: is| was)? (?:unknown|not found|unavailable|disabled|full|rejected)|unknown (?:user|recipient|address|mailbox)|(?:does|did|do) ?n[o']t exist|no such (?:user|mailbox|recipient|address|domain)`,
  String.raw`(?:has|have) (?:been|not) (?:delayed|yet been delivered)|still being retried|delivery (?:status notification|delay|report)|delayed mail|giv(?:en|ing|e) up|gave up`,
  String.raw`bounced? (?:message|mail|back)|not reach(?:ed)?\b|(?:mail ?box|quota|storage|disk space)(?: is| has been| was)? ?(?:full|exceeded|over)|over quota|exceed(?:s|ed)?\b[^.\n]{0,40}(?:quota|size|limit)|not (?:listed|recognized|recognised|known)|no longer (?:valid|active|available|in use)|error (?:sending|delivering)|mail loop|loop (?:alert|back|detected)|duplicated message-id`,
  // German, Dutch, Scandinavian, Finnish
  String.raw`unzustellbar|nicht (?:zugestellt|zustellbar|ausgeliefert|übermittelt|gesendet|erreicht|versandt)|konnten? [^.\n]{0,60}nicht|fehlgeschlagen|zustellung[^.\n]{0,30}(?:fehler|verzöger|nicht)|zustellfehler`,
  String.raw`onbestelbaar|niet (?:worden )?(?:afgeleverd|bezorgd|besteld|verzonden)|aflevering[^.\n]{0,20}mislukt`,
  String.raw`(?:kunde|kan) inte (?:levereras|skickas)|gick inte att leverera|kunne ikke (?:leveres|sendes)|ikke (?:leveret|levert)|olevererbar|ei voitu toimittaa|epäonnistui`,
  // French, Italian, Spanish, Portuguese, Romanian
  String.raw`n['’](?:a|ont) (?:pas )?pu (?:être|etre)|non (?:remis|distribu|délivr|livr)|(?:échec|echec) (?:de |d['’])|impossible de (?:remettre|distribuer|délivrer|livrer|transmettre)|non[- ]remise`,
  String.raw`non (?:è stato|e' stato|è stata|può essere|recapitat|consegnat|è possibile)|mancat[oa] (?:recapito|consegna)|impossibile (?:recapitare|consegnare|inviare)`,
  String.raw`no se (?:ha podido|pudo|puede|ha|han podido)[^.\n]{0,40}(?:entreg|envi)|no (?:entregado|pudo ser entregado|ha sido entregado|se entregó)|error (?:de|en la) entrega|no entregable|mensaje devuelto|fallo (?:de|en la) entrega`,
  String.raw`não (?:foi|pôde|pode|pôde ser|puderam)[^.\n]{0,40}(?:entreg|envi|possível)|falha (?:na|de|no) (?:entrega|envio)|não entregue|nu a putut fi livrat|nelivrat`,
  // Slavonic, Hungarian, Greek, Turkish
  String.raw`не (?:была? |было |были |может быть |удалось |могло быть |смог\S* |можем )?(?:доставл|отправл)|недоставл|невозможно доставить|ошибка (?:при )?доставк|не вдалося доставити|доставка не удалась`,
  String.raw`nie (?:mogła|mógł|można|została|został|udało|dostarcz)[^.\n]{0,30}|niedostarcz|nedoručen|nedoručiteln|nelze doručit|nebyl[ao]? doručen|se nepodařilo doručit`,
  String.raw`nem (?:kézbesíthető|sikerült)|kézbesíthetetlen|δεν (?:παραδόθηκε|ήταν δυνατή)|αποτυχία παράδοσης|teslim edilemedi|iletilemedi|gönderilemedi`,
  // Japanese, Chinese, Korean, Vietnamese, Arabic, Hebrew
  String.raw`(?:送信|配信|配送|配達|送達|転送|受信)(?:する(?:こと|事)が)?(?:でき|出来|され)(?:ません|なか|ず|ない)|(?:届|とど)(?:け|き|か|けられ|けでき)*(?:ません|なか)|お届けできません|(?:送信|配信|配送|配達)(?:エラー|失敗|不能|に失敗)|エラーメール|不達|見つかりません|存在しません|宛先不明|あて先(?:不明|が)|受け取れません`,
  String.raw`退信|退回|无法(?:投递|送达|发送|送到|传递)|無法(?:傳遞|送達|寄送|投遞|傳送|遞送)|(?:投递|发送|送达|投遞|傳送|寄送|传递)失[败敗]|未(?:能)?(?:送达|送達|投递|投遞)`,
  String.raw`배달되지|전송 ?실패|반송|전달(?:되지|할 수)|발송 ?실패|배달 ?실패|보낼 수 없|không (?:gửi|thể gửi|chuyển) được|تعذر تسليم|لم يتم تسليم|לא נמסר|נכשלה`,
];

const failure = new RegExp(phrases.join('|'), 'iu');

/** Does the text speak of a mail that was not delivered, or late? */
export function speaksOfFailure(text: string): boolean {
  return failure.test(text);
}

const delayed =
  /\b(?:has been|is|was|been) delayed|delayed (?:mail|\d+ hours)|delivery (?:is |has been |status notification \()?delay|not yet been delivered|(?:temporary|transient) (?:non-?fatal|delivery|error|fail)[^.\n]{0,40}|still being retried|warning: (?:could not|message|e?mail)|will (?:keep|continue) (?:on )?(?:trying|to try|to be retried)|you do not need to resend|delivery attempts will continue|could not be delivered for \d|verzöger|retard[ée]|遅延|задержан|延迟|延遲/i;

const endedForGood =
  /permanent|fatal errors? -----|given up|giving up|gave up|undeliverable|will not be retried|returned to (?:you|sender)|could not be delivered within|failed permanently/i;

/** Does it say that delivery goes on being tried? */
export function speaksOfDelay(subject: string, text: string): boolean {
  if (/\b(?:delay|delayed|warning)\b/i.test(subject) && !/fail|undeliver|returned/i.test(subject))
    return true;
  const head = text.slice(0, 2_000);
  return delayed.test(head) && !endedForGood.test(head);
}
