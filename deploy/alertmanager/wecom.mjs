// Between Alertmanager and a group bot of WeCom (企业微信群机器人), which takes messages of another shape. For the time when
// the hub itself is what is broken. Plain Node, no packages.
//   WECOM_WEBHOOK_URL   https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…   (a secret)
//   PORT                default 9095
import { createServer } from 'node:http';

const webhook = process.env.WECOM_WEBHOOK_URL ?? '';
const BODY_MAX_BYTES = 1024 * 1024;
/** WeCom refuses markdown over 4,096 bytes. */
const MESSAGE_MAX_BYTES = 4000;
const ALERTS_SHOWN = 10;
const TIMEOUT_MS = 10_000;

function messageOf({ status, alerts, truncatedAlerts = 0 }) {
  const lines = alerts.slice(0, ALERTS_SHOWN).map(({ status: state, labels, annotations = {} }) => {
    const colour = state === 'resolved' ? 'info' : labels.severity === 'critical' ? 'warning' : 'comment';
    const link = annotations.runbook_url ? ` [runbook](${annotations.runbook_url})` : '';
    const said = String(annotations.summary ?? '').slice(0, 300);
    return `> <font color="${colour}">${labels.alertname} · ${labels.severity ?? ''}</font> ${said}${link}`;
  });
  const more = alerts.length + truncatedAlerts - lines.length;
  const text = [`**Parley: ${String(status).toUpperCase()}**`, ...lines, ...(more > 0 ? [`… + ${more}`] : [])].join(
    '\n',
  );
  return Buffer.from(text)
    .subarray(0, MESSAGE_MAX_BYTES)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
}

async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw Object.assign(new Error('too large'), { status: 413 });
    chunks.push(chunk);
  }
  try {
    const group = JSON.parse(Buffer.concat(chunks).toString());
    return messageOf(group);
  } catch (error) {
    throw Object.assign(error, { status: 400 });
  }
}

async function tell(content) {
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { errcode, errmsg } = await response.json();
  if (errcode !== 0) throw Object.assign(new Error(`WeCom: ${errcode} ${errmsg}`), { status: 503 });
}

if (!/^https?:\/\//.test(webhook)) {
  process.stderr.write('WECOM_WEBHOOK_URL: expected the URL of a group bot\n');
  process.exit(1);
}
const server = createServer(async (request, response) => {
  try {
    if (request.method !== 'POST') throw Object.assign(new Error('POST only'), { status: 405 });
    await tell(await readBody(request));
    response.end('{}');
  } catch (error) {
    // Without the URL: its key is a secret. 5xx makes Alertmanager come again.
    process.stderr.write(`${new Date().toISOString()} ${String(error.message).replaceAll(webhook, '***')}\n`);
    response.statusCode = error.status ?? 503;
    response.end();
  }
});
server.listen(Number(process.env.PORT ?? 9095), () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
