// Shows /api/openapi.json, and sends requests as the person who is signed in. Everything is set as text, never as HTML.
const make = (tag, props = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};
const json = (value) => JSON.stringify(value, null, 2);

const [document_, me] = await Promise.all([
  fetch('/api/openapi.json').then((answer) => answer.json()),
  fetch('/api/admin/me').then(
    (answer) => (answer.ok ? answer.json() : undefined),
    () => undefined,
  ),
]);
document.getElementById('description').textContent = document_.info.description;

const operations = Object.entries(document_.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

function table(parameters) {
  const rows = parameters.map(({ name, in: where, required, description, schema }) =>
    make(
      'tr',
      {},
      make('td', {}, make('code', { textContent: name })),
      make('td', { textContent: `${where}${required ? ', required' : ''}` }),
      make('td', { textContent: schema?.enum?.join(' | ') ?? schema?.type ?? '' }),
      make('td', { textContent: description ?? schema?.description ?? '' }),
    ),
  );
  return make('table', {}, make('tbody', {}, ...rows));
}

function trial({ path, method, parameters, requestBody }) {
  const inputs = parameters.map((parameter) => {
    const input = make('input', { placeholder: parameter.name, ariaLabel: parameter.name });
    return { ...parameter, input };
  });
  const body = requestBody && make('textarea', { rows: 5, value: '{}', ariaLabel: 'body' });
  const output = make('pre', { hidden: true });
  async function send() {
    const filled = inputs.filter(({ input }) => input.value !== '');
    const url = filled
      .filter(({ in: where }) => where === 'path')
      .reduce((text, { name, input }) => text.replace(`{${name}}`, encodeURIComponent(input.value)), path);
    const query = new URLSearchParams(
      filled.filter(({ in: where }) => where === 'query').map(({ name, input }) => [name, input.value]),
    );
    const headers = Object.fromEntries(
      filled.filter(({ in: where }) => where === 'header').map(({ name, input }) => [name, input.value]),
    );
    if (body) headers['content-type'] = 'application/json';
    if (me?.csrf_token) headers['x-csrf-token'] = me.csrf_token;
    output.hidden = false;
    output.textContent = '…';
    const answer = await fetch(query.size > 0 ? `${url}?${query}` : url, { method, headers, body: body?.value });
    const text = await answer.text();
    const tag = answer.headers.get('etag');
    let shown = text;
    try {
      shown = json(JSON.parse(text));
    } catch {
      // Not JSON: as it is.
    }
    output.textContent = `${answer.status}${tag ? `  ETag: ${tag}` : ''}\n${shown.slice(0, 100_000)}`;
  }
  const button = make('button', { type: 'button', textContent: 'Send' });
  button.addEventListener('click', () => send().catch((error) => (output.textContent = String(error))));
  return make('div', {}, ...inputs.map(({ input }) => input), ...(body ? [body] : []), button, output);
}

function details(operation) {
  const { path, method, summary, parameters = [], requestBody, responses } = operation;
  const element = make(
    'details',
    {},
    make(
      'summary',
      {},
      make('span', { className: 'method', textContent: method }),
      make('code', { textContent: path }),
      make('span', { textContent: summary }),
      make('code', { className: 'action', textContent: operation['x-parley-action'] }),
    ),
  );
  // Filled when it is opened: there are many, and some are long.
  element.addEventListener('toggle', () => {
    if (element.childElementCount > 1) return;
    const [status, answer] = Object.entries(responses)[0];
    const schemaOf = (content) => Object.values(content ?? {})[0]?.schema;
    element.append(
      make(
        'div',
        { className: 'body' },
        ...(parameters.length > 0 ? [table(parameters)] : []),
        ...(requestBody ? ['Body', make('pre', { textContent: json(schemaOf(requestBody.content)) })] : []),
        `Answer ${status}`,
        make('pre', { textContent: json(schemaOf(answer.content) ?? answer.description) }),
        trial(operation),
      ),
    );
  });
  return element;
}

function show(filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = operations.filter((one) => {
    const text = `${one.method} ${one.path} ${one.summary} ${one['x-parley-action']} ${one.tags}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const groups = Map.groupBy(matching, ({ tags }) => tags[0]);
  const sections = [...groups].map(([tag, list]) =>
    make('section', {}, make('h2', { textContent: tag }), ...list.map(details)),
  );
  document.getElementById('operations').replaceChildren(...(sections.length > 0 ? sections : ['Nothing matches.']));
}

document.getElementById('filter').addEventListener('input', (event) => show(event.target.value));
show('');
