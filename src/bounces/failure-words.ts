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
  String.raw`(?:users?|recipients?|mailbox(?:es)?|accounts?|address(?:es)?)(?: is| was| are| were)? (?:unknown|not found|unavailable|disabled|full|rejected)|unknown (?:user|recipient|address|mailbox)|(?:does|did|do) ?n[o']t exist|no such (?:user|mailbox|recipient|address|domain)`,
  String.raw`(?:has|have) (?:been|not) (?:delayed|yet been delivered)|still being retried|delivery (?:status notification|delay|report)|delayed mail|giv(?:en|ing|e) up|gave up`,
  String.raw`bounced? (?:message|mail|back)|not reach(?:ed)?\b|(?:mail ?box|quota|storage|disk space)(?: is| has been| was)? ?(?:full|exceeded|over)|over quota|exceed(?:s|ed)?\b[^.\n]{0,40}(?:quota|size|limit)|not (?:listed|recognized|recognised|known)|no longer (?:valid|active|available|in use)|error (?:sending|delivering)|mail loop|loop (?:alert|back|detected)|duplicated message-id`,
  String.raw`(?:could|was|were|did)(?: not|n['’]t)(?: be)? found|not a (?:valid|known) (?:user|recipient|mailbox|address)|(?:invalid|bad|wrong|unrecogni[sz]ed) (?:destination |e-?mail )?(?:recipient|address|user|mailbox)|no (?:account|mailbox)\b[^.\n]{0,30}\b(?:here|on|by|with)|(?:host|domain) (?:unknown|not found)|unknown (?:host|domain)|unrout(?:e)?able|not (?:accepting|receiving) (?:e-?mail|mail|messages)`,
  // German, Dutch, Scandinavian, Finnish
  String.raw`unzustellbar|nicht (?:zugestellt|zustellbar|ausgeliefert|übermittelt|gesendet|erreicht|versandt)|konnten? [^.\n]{0,60}nicht|fehlgeschlagen|zustellung[^.\n]{0,30}(?:fehler|verzöger|nicht)|zustellfehler|fehler bei der|(?:nicht (?:gefunden|vorhanden|erreichbar)|existiert nicht|unbekannte?[rn]? (?:empfänger|benutzer|adress)|(?:postfach|mailbox)[^.\n]{0,30} (?:voll|überfüllt)|abgewiesen|zurückgewiesen|zurückgesandt|zurückgeschickt)`,
  String.raw`onbestelbaar|niet (?:worden )?(?:afgeleverd|bezorgd|besteld|verzonden)|(?:aflevering|bezorging|verzending)[^.\n]{0,20}mislukt|(?:kan|kon|konden) niet worden|niet (?:gevonden|bezorgbaar)|mailbox (?:is )?vol\b|onbekende (?:gebruiker|ontvanger)`,
  String.raw`(?:kunde|kan) inte (?:levereras|skickas)|gick inte att leverera|kunne ikke (?:leveres|sendes)|ikke (?:leveret|levert)|olevererbar|ei voitu toimittaa|epäonnistui|levering[^.\n]{0,20}mislyk|leverans[^.\n]{0,20}misslyck|misslyckades|(?:finns|hittades) inte|kunde inte nås|(?:findes|finnes|fundet|funnet) ikke|ikke (?:fundet|funnet)|ei (?:voida|voi|löydy)[^.\n]{0,30}|tuntematon vastaanottaja`,
  // French, Italian, Spanish, Portuguese, Romanian
  String.raw`n['’](?:a|ont) (?:pas )?pu (?:être|etre)|non (?:remis|distribu|délivr|livr)|(?:échec|echec) (?:de |d['’])|impossible de (?:remettre|distribuer|délivrer|livrer|transmettre)|non[- ]remise|n['’](?:a|ont) pas été (?:remis|distribu|délivr|livr|envoy|transmis)|n['’]existe (?:pas|plus)|ne peut (?:pas )?être (?:remis|distribu|délivr|livr)|(?:échec|erreur)[^.\n]{0,30}(?:remise|distribution|livraison|envoi)|introuvable|(?:destinataire|utilisateur|adresse) inconnue?|boîte[^.\n]{0,40} pleine|non (?:acheminé|parvenu)`,
  String.raw`non (?:è stato|e' stato|è stata|può essere|recapitat|consegnat|è possibile)|non (?:e|è) (?:stat[oa]|possibile)|mancat[oa] (?:recapito|consegna)|(?:errore|problem\w+)[^.\n]{0,20}consegna|inesistente|non esiste|non (?:è stato )?trovat|(?:destinatario|utente|indirizzo) sconosciut|casella[^.\n]{0,30} piena|impossibile (?:recapitare|consegnare|inviare)`,
  String.raw`no se (?:ha podido|pudo|puede|ha|han podido)[^.\n]{0,40}(?:entreg|envi)|no (?:entregado|pudo ser entregado|ha sido entregado|se entregó)|error (?:de|en la) entrega|no entregable|(?:imposible|fallo al|error al) (?:entregar|enviar)|no (?:fue|pudo|ha podido|pudieron|puede)[^.\n]{0,30}(?:entreg|envi)|no existe|(?:usuario|destinatario|dirección) (?:desconocid|inexistente)|(?:buzón|casilla)[^.\n]{0,40} llen[oa]|entrega[^.\n]{0,20} (?:fallid|fracas)|mensaje devuelto|fallo (?:de|en la) entrega`,
  String.raw`não (?:foi|pôde|pode|pôde ser|puderam)[^.\n]{0,40}(?:entreg|envi|possível)|falha (?:na|de|no) (?:entrega|envio)|não entregue|não (?:existe|encontrad)|(?:caixa|mailbox)[^.\n]{0,40} cheia|(?:usuário|utilizador|destinatário|endereço) (?:desconhecid|inexistente|inválid)|impossível entregar|(?:erro|problema)[^.\n]{0,20} entrega|mensagem devolvida|nu a putut fi livrat|nelivrat`,
  // Slavonic, Hungarian, Greek, Turkish
  String.raw`не (?:была? |было |были |может быть |удалось |могло быть |смог\S* |можем )?(?:доставл|отправл)|недоставл|невозможно доставить|ошибка (?:при )?доставк|не вдалося доставити|доставка не удалась|не (?:существует|найден|известен|обнаружен)|ящик[^.\n]{0,30}(?:переполнен|заполнен|заблокирован)|неизвестный (?:получатель|пользователь)|письмо (?:не доставлено|возвращ)|не (?:може бути|вдалося|існує)[^.\n]{0,30}`,
  String.raw`nie (?:mogła|mógł|można|została|został|udało|dostarcz)[^.\n]{0,30}|niedostarcz|nedoručen|nedoručiteln|nelze doručit|nebyl[ao]? doručen|se nepodařilo doručit|nie (?:istnieje|odnaleziono|znaleziono)|niepowodzenie|zwrot (?:wiadomości|poczty)|skrzynka[^.\n]{0,30} (?:pełna|przepełniona)|neexistuje|nepodarilo (?:sa )?doručiť|(?:nije|ni) (?:moguće|mogoče|bilo moguće|isporučena|dostavljeno)`,
  String.raw`nem (?:kézbesíthető|sikerült)|kézbesíthetetlen|δεν (?:παραδόθηκε|ήταν δυνατή)|αποτυχία παράδοσης|δεν (?:βρέθηκε|υπάρχει|μπόρεσε)|(?:teslim|iletim|gönderim)[^.\n]{0,20} (?:edilem|başarısız)|(?:iletil|gönderil|ulaştırıl|bulun)[ae]m[ae]d[iı]|sikertelen|nem (?:található|létezik|lehet|tudtuk)`,
  // Japanese, Chinese, Korean, Vietnamese, Arabic, Hebrew
  String.raw`(?:送信|配信|配送|配達|送達|転送|受信)(?:する(?:こと|事)が)?(?:でき|出来|され)(?:ません|なか|ず|ない)|(?:届|とど)(?:け|き|か|けられ|けでき|いて|けること(?:が|は)でき)*(?:い?ません|なか)|お届けできません|(?:送信|配信|配送|配達)(?:エラー|失敗|不能|[にがを]失敗)|エラーメール|不達|見つかりません|存在しません|宛先不明|あて先(?:不明|が)|受け取れません|配信状態通知|(?:送信|配信|配送|配達|送達)(?:いた)?でき|できませんでした|戻(?:されました|ってきました)|返送(?:され|いた)|受信拒否|(?:容量|メールボックス)[^。\n]{0,20}(?:一杯|いっぱい|満杯|超過|超え|あふれ|溢れ)`,
  String.raw`退信|退回|无法(?:投递|送达|发送|送到|传递)|無法(?:傳遞|送達|寄送|投遞|傳送|遞送)|(?:投递|发送|送达|投遞|傳送|寄送|传递)失[败敗]|未(?:能)?(?:成功)?(?:送达|送達|投递|投遞|传递|傳遞|发送)|(?:没有|沒有|未)(?:能)?成功|(?:发送|傳送|传送|寄送|送出|传输)失[败敗]|(?:不存在|找不到|未找到)|(?:邮箱|信箱|空间)[^。\n]{0,12}(?:已满|已滿|满)|被拒[收绝絕]?|拒收`,
  String.raw`(?:전송|배달|전달|발송|수신)(?:이|을|를)? ?(?:되지|하지|할 수|될 수|실패|에 실패)|반송|보낼 수 없|보내지 못|존재하지 않|찾을 수 없|(?:용량|편지함|메일함)[^.\n]{0,12}(?:초과|가득)|không (?:gửi|thể gửi|chuyển) được|تعذر تسليم|لم يتم تسليم|לא נמסר|נכשלה`,
  // A mail that is late is no good news either.
  String.raw`verzöger[tu]|verzoeger[tu]|retard[ée]e?s?\b|retrasad|atrasad|in ritardo|vertraagd|fördröj|forsinket|遅延|遅れて|задержан|延迟|延遲|지연|opóźnion|zpožd|gecik`,
];

// Much software writes "nao entregue" and "Echec": letters are compared without their marks.
const plain = phrases.map((phrase) => withoutMarks(phrase));
const failure = new RegExp(plain.join('|'), 'iu');
// Most reports are ASCII, in which phrases of other scripts cannot stand.
const failureInAscii = new RegExp(plain.filter((phrase) => /[a-z]{3}/i.test(phrase)).join('|'), 'i');

// Hundreds of addresses on one line are judged one after the other by that same line.
let last = { text: '', speaks: false };

/** Does the text speak of a mail that was not delivered, or late? */
export function speaksOfFailure(text: string): boolean {
  if (text === last.text) return last.speaks;
  const speaks = isAscii(text) ? failureInAscii.test(text) : failure.test(withoutMarks(text));
  last = { text, speaks };
  return speaks;
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uFFFF]/.test(text);
}

/** `é` becomes `e`; Kana and Hangul, whose marks are no accents (U+3099 and beyond), stay as they are. */
function withoutMarks(text: string): string {
  if (isAscii(text)) return text;
  return text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036F]/g, '')
    .normalize('NFC');
}

const success =
  /\bsuccess|\bdelivered\b|\brelayed\b|erfolgreich|zugestellt an|avec succ|con [ée]xito|con successo|com sucesso|正常に|成功|успешно|доставлено/i;

/** Does the line, which speaks of no failure, say that a mail arrived? */
export function speaksOfSuccess(line: string): boolean {
  return success.test(line) && !speaksOfFailure(line);
}

const delayed =
  /\b(?:has been|is|was|been) delayed|delayed (?:mail|\d+ hours)|delivery (?:is |has been |status notification \()?delay|not yet been delivered|(?:temporary|transient) (?:non-?fatal|delivery|error|fail)[^.\n]{0,40}|still being retried|warning: (?:could not|message|e?mail)|will (?:keep|continue) (?:on )?(?:trying|to try|to be retried)|you do not need to resend|delivery attempts will continue|could not be delivered for \d|verzöger|verzoeger|retard[ée]|retrasad|atrasad|in ritardo|vertraagd|fördröj|forsinket|遅延|遅れて|задержан|延迟|延遲|지연|opóźnion|まだ[^。]{0,40}(?:届いて|配信され|配送され)|引き続き|non [^.\n]{0,20}ancora|(?:todavía|aún) no|no [^.\n]{0,30}(?:todavía|aún)|seguirá intent|noch nicht (?:zugestellt|ausgeliefert)|weiterhin versucht|pas encore été|ainda não|nog niet (?:afgeleverd|bezorgd)|ännu inte|(?:ещё|еще|пока) не|尚未|아직/i;

const endedForGood =
  /permanent|(?<!non-)fatal errors? -----|given up|giving up|gave up|undeliverable|will not be retried|returned to (?:you|sender)|^returned mail:|could not be delivered within|failed permanently/i;

/** Does it say that delivery goes on being tried? */
export function speaksOfDelay(subject: string, text: string): boolean {
  const head = text.slice(0, 2_000);
  if (!/fail|undeliver|returned/i.test(subject)) {
    if (/\b(?:delay|delayed)\b/i.test(subject)) return true;
    if (/\bwarning\b/i.test(subject) && !/permanent|(?<!non-)fatal/i.test(head)) return true;
  }
  return delayed.test(`${subject}\n${head}`) && !endedForGood.test(`${subject}\n${head}`);
}
