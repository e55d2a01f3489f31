/** A letter as a guest's mail program reads it. */
export interface Letter {
  /** With its angle brackets. */
  messageId: string;
  to: string;
  subject: string;
  /** Where the button of a mail program posts to; empty in a letter to nobody on a list. */
  unsubscribe: string;
  text: string;
  html: string;
  headers: Map<string, string>;
}

/** Reads a message of two parts, plain text and HTML. */
export function readLetter(message: Buffer): Letter {
  const { headers, body } = parted(message.toString('latin1'));
  const header = (name: string): string => {
    const value = headers.get(name);
    if (value === undefined) throw new Error(`the letter has no ${name}`);
    return value;
  };
  const boundary = /boundary="?([^";]+)"?/.exec(header('content-type'))?.[1];
  if (!boundary) throw new Error('the letter has no parts');
  const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => parted(part.replace(/^\r\n/, '')));
  const part = (kind: string): string => {
    const found = parts.find(({ headers }) => headers.get('content-type')?.startsWith(kind));
    if (!found) throw new Error(`the letter has no ${kind}`);
    return decoded(found.body, found.headers.get('content-transfer-encoding') ?? '7bit');
  };
  return {
    messageId: header('message-id'),
    to: header('to'),
    subject: inWords(header('subject')),
    unsubscribe: (headers.get('list-unsubscribe') ?? '').replace(/^<|>$/g, ''),
    text: part('text/plain'),
    html: part('text/html'),
    headers,
  };
}

/** What a mail server sends back that knows nobody of the name (RFC 3464). */
export function undeliverable({ to, messageId }: Letter): string {
  return [
    'From: MAILER-DAEMON@mail.cedars.example (Mail Delivery System)',
    'To: greetings@cedars.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
    '',
    '--report',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'Your message could not be delivered.',
    '',
    '--report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.cedars.example',
    '',
    `Final-Recipient: rfc822; ${to}`,
    'Action: failed',
    'Status: 5.1.1',
    `Diagnostic-Code: smtp; 550 5.1.1 <${to}>: user unknown`,
    '',
    '--report',
    'Content-Type: text/rfc822-headers',
    '',
    `To: ${to}`,
    `Message-ID: ${messageId}`,
    '',
    '--report--',
    '',
  ].join('\r\n');
}

function parted(text: string): { headers: Map<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end).replace(/\r\n[ \t]+/g, ' ');
  const lines = head.split('\r\n').map((line) => /^([^:]+):\s*(.*)$/.exec(line));
  const headers = new Map(lines.flatMap((line) => (line ? [[line[1]!.toLowerCase(), line[2]!.trim()]] : [])));
  return { headers, body: text.slice(end + 4) };
}

function decoded(body: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable':
      return Buffer.from(unquoted(body.replace(/=\r\n/g, '')), 'latin1').toString('utf8');
    default:
      return Buffer.from(body, 'latin1').toString('utf8');
  }
}

const unquoted = (text: string): string =>
  text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** A header without its encoded words (RFC 2047). */
function inWords(header: string): string {
  const bytes = header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('latin1') : unquoted(word.replaceAll('_', ' ')),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
