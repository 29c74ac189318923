// The page reads /api/v1 and shows what it finds there. Image names, messages and signers were written by strangers: they
// reach the document as text alone, never as markup, and whatever would turn or hide the text around it is replaced.
'use strict';

(() => {
  const pace = 3000;            // milliseconds between two looks
  const patience = 10000;       // milliseconds until a look counts as failed
  const pageSize = 50;
  const month = 30 * 86400e3;
  const verdicts = ['Untrusted', 'Unknown', 'None', 'Unsupported', 'Trusted'];
  const words = { None: 'No verdict' };

  const at = (id) => document.getElementById(id);
  const treacherous = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
  const clean = (text) => String(text ?? '').replace(treacherous, '\ufffd');

  // Makes an element. Children are elements or texts.
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  // A text that somebody else wrote, kept apart from the direction of what stands around it.
  const foreign = (text, attributes) => {
    const element = make('bdi', attributes);
    element.textContent = clean(text);
    return element;
  };

  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  // A number of things, for people.
  const counted = (number, one) => `${number.toLocaleString('en')} ${number === 1 ? one : `${one}s`}`;

  // MARK: Times

  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

  function distance(moment) {
    const seconds = (moment - Date.now()) / 1000;
    for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
      if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
    }
    return seconds < 0 ? 'just now' : 'in a moment';
  }

  function time(text, attributes) {
    const moment = Date.parse(text);
    if (Number.isNaN(moment)) return foreign(text);
    const element = make('time', { datetime: text, title: new Date(moment).toLocaleString(), ...attributes });
    element.textContent = distance(moment);
    return element;
  }

  function renewTimes() {
    for (const element of document.querySelectorAll('time')) setText(element, distance(Date.parse(element.dateTime)));
  }

  // MARK: What is asked

  const filters = { verdicts: new Set(), image: '', namespace: '', policy: '', running: 'true' };
  let pages = [''];             // where each page so far begins; the last is shown

  function readAddress() {
    const given = new URLSearchParams(location.search);
    for (const verdict of given.getAll('verdict')) if (verdicts.includes(verdict)) filters.verdicts.add(verdict);
    for (const name of ['image', 'namespace', 'policy']) filters[name] = given.get(name) ?? '';
    const running = given.get('running');
    if (running === 'false') filters.running = 'false';
    if (running === 'any') filters.running = '';
  }

  function parameters() {
    const list = [...filters.verdicts].map((verdict) => ['verdict', verdict]);
    for (const name of ['image', 'namespace', 'policy']) if (filters[name]) list.push([name, filters[name]]);
    return list;
  }

  const query = (list) => list.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');

  function writeAddress() {
    const list = parameters();
    if (filters.running !== 'true') list.push(['running', filters.running || 'any']);
    const text = query(list);
    history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
  }

  function imagesAddress() {
    const list = [...parameters(), ['sort', 'severity'], ['limit', pageSize]];
    if (filters.running) list.push(['running', filters.running]);
    if (pages.at(-1)) list.push(['continue', pages.at(-1)]);
    return `api/v1/images?${query(list)}`;
  }

  // MARK: Reading

  class Unready extends Error {}

  const known = new Map();      // address -> {tag, value}; one of each kind

  // Reads JSON; what has not changed is not sent again.
  async function read(kind, address, signal) {
    const before = known.get(kind);
    const headers = { accept: 'application/json' };
    if (before?.address === address) headers['if-none-match'] = before.tag;
    const response = await fetch(address, { headers, signal, cache: 'no-store', credentials: 'same-origin' });
    if (response.status === 304) return { value: before.value, isNew: false };
    if (response.status === 503) throw new Unready((await response.text()).slice(0, 300));
    if (!response.ok) throw new Error((await response.text()).slice(0, 300) || `status ${response.status}`);
    const value = await response.json();
    known.set(kind, { address, tag: response.headers.get('etag'), value });
    return { value, isNew: true };
  }

  let timer = null;
  let current = null;
  let failures = 0;

  // Looks again now. A look that is under way is given up.
  async function look() {
    clearTimeout(timer);
    current?.abort();
    const mine = current = new AbortController();
    const limit = setTimeout(() => mine.abort(), patience);
    try {
      const address = imagesAddress();
      const [summary, images] = await Promise.all([
        read('summary', 'api/v1/summary', mine.signal), read('images', address, mine.signal),
      ]);
      if (mine !== current) return;
      failures = 0;
      if (summary.isNew) showSummary(summary.value);
      if (images.isNew || shownAddress !== address) showImages(images.value, address);
      showLive('live', `Live · ${new Date().toLocaleTimeString()}`);
      showBanner(summary.value.current ? '' :
        'Vigil has not heard from the API server lately: what you see may be out of date.');
    } catch (error) {
      if (mine !== current) return;
      failures += 1;
      if (error instanceof Unready) {
        showLive('waiting', 'Waiting');
        showBanner(`Not yet: ${clean(error.message.trim())}.`);
      } else {
        showLive('lost', 'Not connected');
        // One look may fail when a replica ends; the next goes to another.
        if (failures > 1) showBanner(`Vigil does not answer (${clean(error.message)}). What you see is no longer kept up to date.`);
      }
    } finally {
      clearTimeout(limit);
      if (mine === current) {
        current = null;
        if (!document.hidden) timer = setTimeout(look, pace * Math.min(failures + 1, 5));
      }
    }
  }

  function showLive(state, text) {
    at('live').dataset.state = state;
    setText(at('live-text'), text);
  }

  function showBanner(text) {
    setText(at('banner'), text);
    at('banner').hidden = !text;
  }

  // MARK: Totals, policies, ends

  const count = (images, verdict) => images[verdict.toLowerCase()] ?? 0;
  let totals = null;

  function showSummary(summary) {
    const images = summary.images;
    for (const card of document.querySelectorAll('.card')) {
      setText(card.querySelector('.count'), count(images, card.dataset.verdict).toLocaleString('en'));
    }
    for (const part of at('bar').children) part.style.flexGrow = count(images, part.className);
    document.title = images.untrusted ? `(${images.untrusted}) Vigil` : 'Vigil';
    const text = verdicts.filter((verdict) => count(images, verdict))
      .map((verdict) => `${count(images, verdict)} ${words[verdict] ?? verdict}`).join(', ') || 'none';
    if (totals !== null && totals !== text) announce(`Running images: ${text}`);
    totals = text;
    showOptions(at('namespace'), summary.namespaces.map((entry) => [entry.name, `${entry.name} (${entry.total})`]));
    showOptions(at('policy'), summary.policies.map((entry) => [entry.name, entry.name]));
    showPolicies(summary);
    showEnds(summary.forecast);
  }

  function showOptions(select, options) {
    const chosen = filters[select.id];
    if (chosen && !options.some(([value]) => value === chosen)) options = [[chosen, chosen], ...options];
    const text = JSON.stringify(options);
    if (select.dataset.options === text) return;
    select.dataset.options = text;
    const all = make('option', { value: '' }, 'All');
    select.replaceChildren(all, ...options.map(([value, label]) => {
      const option = make('option', { value });
      option.textContent = clean(label);
      return option;
    }));
    select.value = chosen;
  }

  function showPolicies(summary) {
    const shown = [...summary.policies].sort((a, b) => a.ready - b.ready).slice(0, 12);
    const focused = document.activeElement?.dataset.policy;
    at('policies').replaceChildren(...shown.map((policy) => {
      const [kind, ...rest] = policy.name.split('/');
      const button = make('button', { type: 'button', 'data-policy': policy.name, 'aria-label': `Show images under ${clean(policy.name)}` }, foreign(rest.join(' / ')));
      button.addEventListener('click', () => {
        filters.policy = filters.policy === policy.name ? '' : policy.name;
        changeFilters();
      });
      const images = policy.images;
      const state = policy.ready
        ? `${images?.total ?? 0} images${images?.untrusted ? `, ${images.untrusted} untrusted` : ''}${images?.unknown ? `, ${images.unknown} unknown` : ''}`
        : `Not in force: ${policy.message ?? 'not looked at yet'}`;
      const text = make('small', policy.ready ? {} : { class: 'stale' }, foreign(state));
      return make('li', {}, button, make('small', {}, kind === 'ClusterTrustPolicy' ? 'every namespace' : 'one namespace'), text);
    }));
    if (focused) [...document.querySelectorAll('[data-policy]')].find((button) => button.dataset.policy === focused)?.focus();
    const left = summary.policyCount - shown.length;
    setText(at('policies-remark'), summary.policyCount ? (left > 0 ? `and ${left} more` : '')
      : 'There is no policy yet, so nothing is judged.');
  }

  function showEnds(forecast) {
    const ends = [
      ...forecast.verdicts.map((end) => ({ moment: Date.parse(end.at), at: end.at, name: end.image, place: end.namespace, why: end.cause, pods: counted(end.pods, 'pod') })),
      ...forecast.anchors.map((end) => ({ moment: Date.parse(end.at), at: end.at, name: end.subject, place: end.policy, why: 'a trust anchor expires', pods: `vouches for ${counted(end.images, 'image')}` })),
    ].sort((a, b) => a.moment - b.moment);
    const near = ends.filter((end) => end.moment - Date.now() < month);
    at('ends').replaceChildren(...near.slice(0, 8).map((end) => make('li', {},
      make('span', { class: end.moment < Date.now() ? 'when past' : 'when' }, time(end.at)),
      foreign(shortName(end.name)),
      make('small', {}, foreign(`${end.place} · ${end.why} · ${end.pods}`)))));
    const left = near.length - Math.min(near.length, 8);
    const next = ends.find((end) => end.moment - Date.now() >= month);
    const remark = at('ends-remark');
    remark.replaceChildren();
    if (left > 0) remark.append(`and ${left} more; `, make('code', {}, 'vigil forecast'), ' has all of them');
    else if (!near.length && next) remark.append('Nothing. The next end comes ', time(next.at), '.');
    else if (!near.length) remark.append('Nothing.');
  }

  // MARK: Images

  const rows = new Map();       // key -> row
  const open = new Set();       // keys of rows whose why is shown
  let shownAddress = null;
  let identifiers = 0;

  const keyOf = (image) => `${image.namespace}/${image.name}`;

  // The registry of a repository, if it names one.
  const host = (name) => /^[^/]*[.:][^/]*(?=\/)|^localhost(?=\/)/.exec(name)?.[0] ?? '';

  // A repository without its registry, and no digest: what a person calls an image.
  function shortName(image) {
    const name = image.split('@')[0];
    return host(name) ? name.slice(host(name).length + 1) : name;
  }

  const shortDigest = (digest) => digest ? digest.replace(/^\w+:([0-9a-f]{12})[0-9a-f]*$/, '$1') : 'no digest';

  function badge(verdict) {
    const name = verdict ?? 'None';
    return make('span', { class: `badge ${verdicts.includes(name) ? name : 'None'}` }, words[name] ?? clean(name));
  }

  function showImages(list, address) {
    if (!list.images.length && pages.length > 1) {
      pages = [''];
      look();
      return;
    }
    const isSameList = shownAddress === address;
    shownAddress = address;
    const body = at('rows');
    const focused = document.activeElement;
    const wanted = new Set(list.images.map(keyOf));
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      const hadFocus = row.main.contains(focused) || row.detail.contains(focused);
      row.main.remove();
      row.detail.remove();
      rows.delete(key);
      if (hadFocus) at('images').focus({ preventScroll: true });
    }
    let cursor = body.firstChild;
    for (const image of list.images) {
      const row = rows.get(keyOf(image)) ?? makeRow(image);
      if (row.main === cursor) cursor = row.detail.nextSibling;
      else cursor === null ? body.append(row.main, row.detail) : cursor.before(row.main, row.detail);
      fill(row, image, isSameList);
    }
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
    showPlace(list);
  }

  function showPlace(list) {
    const first = (pages.length - 1) * pageSize;
    const isFiltered = parameters().length > 0;
    setText(at('matches'), `${counted(list.total, 'image')}${isFiltered ? ' found' : ''}`);
    setText(at('place'), `${first + 1}–${first + list.images.length} of ${list.total.toLocaleString('en')}`);
    at('pages').hidden = pages.length === 1 && !list.continue;
    at('previous').disabled = pages.length === 1;
    at('next').disabled = !list.continue;
    at('next').dataset.continue = list.continue ?? '';
    at('empty').hidden = list.images.length > 0;
    at('scroll').hidden = list.images.length === 0;
    setText(at('empty-text'), isFiltered ? 'No image is like that.'
      : filters.running === 'false' ? 'There is no gate.' : 'No pod runs an image here yet.');
    at('clear').disabled = !isFiltered && filters.running === 'true';
  }

  function makeRow(image) {
    const key = keyOf(image);
    const id = `why-${identifiers += 1}`;
    const toggle = make('button', { type: 'button', class: 'toggle', 'aria-controls': id, 'aria-expanded': 'false' });
    const row = {
      key, toggle, text: null, verdict: undefined,
      main: make('tr', { class: 'row' }),
      detail: make('tr', { class: 'detail', id, hidden: true }),
      cells: {
        verdict: make('td'), image: make('th', { scope: 'row' }), namespace: make('td'), why: make('td'),
        pods: make('td', { class: 'number' }), until: make('td', { class: 'until' }),
      },
      panel: make('td', { colspan: '6' }),
    };
    row.main.append(...Object.values(row.cells));
    row.detail.append(row.panel);
    row.main.addEventListener('click', (event) => {
      // Who selects a text in the row does not want to open it.
      if (event.target.closest('.toggle') || !getSelection()?.toString()) turn(row);
    });
    rows.set(key, row);
    return row;
  }

  function turn(row) {
    if (open.has(row.key)) open.delete(row.key); else open.add(row.key);
    showWhy(row);
  }

  function showWhy(row) {
    const isOpen = open.has(row.key);
    row.toggle.setAttribute('aria-expanded', String(isOpen));
    row.detail.hidden = !isOpen;
    row.panel.replaceChildren(...(isOpen ? [why(row.image)] : []));
  }

  function fill(row, image, mayAnnounce) {
    const text = JSON.stringify(image);
    if (row.text === text) return;
    const isFirst = row.text === null;
    const before = row.verdict;
    Object.assign(row, { text, image, verdict: image.verdict });
    const cells = row.cells;
    cells.verdict.replaceChildren(badge(image.verdict));
    row.toggle.replaceChildren(foreign(shortName(image.image) + (image.tags.length ? `:${image.tags[0]}` : ''), { class: 'long' }));
    cells.image.replaceChildren(row.toggle, foreign(subtitle(image), { class: 'sub' }));
    cells.namespace.replaceChildren(foreign(image.namespace));
    cells.why.replaceChildren(...reason(image));
    cells.pods.textContent = image.gate && !image.pods ? 'gate' : image.pods.toLocaleString('en');
    cells.until.replaceChildren(...until(image));
    showWhy(row);
    row.main.classList.remove('changed');
    if (isFirst || !mayAnnounce || before === image.verdict) return;
    row.main.classList.add('changed');
    announce(`${clean(shortName(image.image))} in ${clean(image.namespace)} is now ${words[image.verdict ?? 'None'] ?? clean(image.verdict)}`);
  }

  function subtitle(image) {
    const place = host(image.repository) ? `${host(image.repository)} · ` : '';
    const more = image.tags.length > 1 ? ` · also ${image.tags.slice(1, 4).join(', ')}` : '';
    return `${place}${shortDigest(image.digest)}${more}`;
  }

  const explanations = {
    NoPolicy: 'No policy speaks for this image.',
    Pending: 'It has not been judged yet.',
  };

  function reason(image) {
    const parts = [foreign(image.reason, { class: 'reason' })];
    const text = image.verdict === 'Trusted' && image.signer ? `signed by ${image.signer}`
      : image.message ?? explanations[image.reason] ?? '';
    if (text) parts.push(foreign(text, { class: 'sub' }));
    if (image.fresh?.status === 'False') parts.push(make('div', { class: 'stale' }, 'not confirmed lately'));
    return parts;
  }

  function until(image) {
    if (!image.validUntil) return [make('span', { class: 'sub' }, image.verdict === 'Trusted' ? 'no end' : '')];
    const isSoon = Date.parse(image.validUntil) - Date.now() < month;
    return [time(image.validUntil, isSoon ? { class: 'soon' } : {})];
  }

  // MARK: The why of one image

  function why(image) {
    const box = make('div', { class: 'why' });
    const message = image.message ?? explanations[image.reason];
    // A finding that says the same says it once.
    if (message && !image.findings.some((item) => item.message === message)) box.append(foreign(message, { class: 'message' }));
    if (image.findings.length) {
      box.append(part('What was found', make('div', { class: 'findings' }, ...image.findings.map(finding))));
    }
    const twins = make('div', { class: 'twins' }, part('Image', facts(image)));
    if (image.history.length) {
      twins.append(part('History', make('ul', { class: 'history' }, ...image.history.map(change))));
    }
    box.append(twins);
    if (image.lastJudged) {
      const command = make('code', { class: 'command' });
      command.textContent = clean(`kubectl describe imageverification -n ${image.namespace} ${image.name}`);
      box.append(command);
    }
    return box;
  }

  const part = (title, ...content) => make('section', { class: 'part' }, make('h3', {}, title), ...content);

  function facts(image) {
    const list = make('dl', { class: 'facts' });
    const add = (name, value) => {
      if (value === null || value === undefined || value === '') return;
      list.append(make('dt', {}, name), make('dd', {}, value));
    };
    add('Repository', foreign(image.repository));
    add('Digest', image.digest && foreign(image.digest, { class: 'mono' }));
    if (image.verifiedDigest !== image.digest) add(image.verifiedManifest === 'Index' ? 'Signed index' : 'Signed digest', image.verifiedDigest && foreign(image.verifiedDigest, { class: 'mono' }));
    add('Tags', image.tags.length && foreign(image.tags.join(', ')) || '');
    if (image.tagMoved) add('Tag moved', foreign(image.tagMoved.message));
    add('Namespace', foreign(image.namespace));
    add('Pods', image.podNames.length && foreign(image.podNames.join(', ') + (image.pods > image.podNames.length ? ` and ${image.pods - image.podNames.length} more` : '')) || '');
    add('Signer', image.signer && foreign(image.signer));
    if (image.validUntil) add('Holds until', make('span', {}, time(image.validUntil), image.ends ? foreign(`: ${image.ends}`) : ''));
    add('Confirmed', image.lastJudged && time(image.lastJudged));
    if (image.fresh && image.fresh.status !== 'True') add('Freshness', foreign(`${image.fresh.reason}: ${image.fresh.message}`, { class: 'stale' }));
    if (image.gate) add('Kind', 'a gate that somebody applied');
    return list;
  }

  function finding(item) {
    const name = verdicts.includes(item.verdict) ? item.verdict : 'None';
    const box = make('div', { class: `finding ${name}` },
      make('div', { class: 'title' }, badge(item.verdict), make('strong', {}, foreign(item.reason)), foreign(`${item.authority} · ${item.policy}`)));
    if (item.message) box.append(foreign(item.message));
    for (const warning of item.warnings) box.append(foreign(`Only logged by the policy: ${warning}`, { class: 'stale' }));
    const list = make('dl', { class: 'facts' });
    const add = (title, value) => value && list.append(make('dt', {}, title), make('dd', {}, value));
    add('Signer', item.signer && foreign(item.signer));
    add('Signed', item.signedAt && time(item.signedAt));
    add('Expires', item.expiresAt && time(item.expiresAt));
    add('Algorithm', item.algorithm && foreign(item.algorithm));
    add('Evidence', item.evidence && foreign(item.evidence, { class: 'mono' }));
    if (list.children.length) box.append(list);
    return box;
  }

  const change = (entry) => make('li', {}, time(entry.time),
    make('span', {}, `${entry.from ? `${clean(words[entry.from] ?? entry.from)} → ` : ''}`), badge(entry.to), foreign(entry.reason));

  // MARK: Said to those who do not see it

  let sayings = [];
  let isSaying = false;

  function announce(text) {
    sayings.push(text);
    if (isSaying) return;
    isSaying = true;
    setTimeout(() => {
      const some = sayings.slice(0, 4);
      const left = sayings.length - some.length;
      setText(at('announcer'), some.join('. ') + (left > 0 ? `. And ${left} more changes` : ''));
      sayings = [];
      isSaying = false;
    }, 400);
  }

  // MARK: Controls

  function showFilters() {
    for (const name of ['image', 'namespace', 'policy', 'running']) if (at(name).value !== filters[name]) at(name).value = filters[name];
    for (const card of document.querySelectorAll('.card')) {
      card.setAttribute('aria-pressed', String(filters.verdicts.has(card.dataset.verdict)));
    }
  }

  function changeFilters() {
    pages = [''];
    showFilters();
    writeAddress();
    look();
  }

  let typing = null;

  function connectControls() {
    for (const card of document.querySelectorAll('.card')) {
      card.addEventListener('click', () => {
        const verdict = card.dataset.verdict;
        if (!filters.verdicts.delete(verdict)) filters.verdicts.add(verdict);
        changeFilters();
      });
    }
    at('image').addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => { filters.image = at('image').value.trim(); changeFilters(); }, 200);
    });
    for (const name of ['namespace', 'policy', 'running']) {
      at(name).addEventListener('change', () => { filters[name] = at(name).value; changeFilters(); });
    }
    at('filters').addEventListener('submit', (event) => event.preventDefault());
    at('clear').addEventListener('click', () => {
      Object.assign(filters, { verdicts: new Set(), image: '', namespace: '', policy: '', running: 'true' });
      changeFilters();
      at('image').focus();
    });
    at('next').addEventListener('click', () => turnPage(() => pages.push(at('next').dataset.continue)));
    at('previous').addEventListener('click', () => turnPage(() => pages.pop()));
    document.addEventListener('keydown', (event) => {
      const isTyping = event.target.closest?.('input, select, textarea');
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        at('image').focus();
      }
    });
    document.addEventListener('visibilitychange', () => { if (document.hidden) clearTimeout(timer); else look(); });
    setInterval(renewTimes, 30000);
  }

  async function turnPage(change) {
    change();
    at('images').scrollIntoView({ block: 'start' });
    at('images').focus({ preventScroll: true });
    await look();
  }

  // MARK: Theme

  const themes = ['system', 'light', 'dark'];

  function showTheme(theme) {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    setText(at('theme'), `Theme: ${theme}`);
  }

  function connectTheme() {
    let theme = 'system';
    try { theme = themes.find((name) => name === localStorage.getItem('theme')) ?? theme; } catch { /* not allowed here */ }
    showTheme(theme);
    at('theme').addEventListener('click', () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      showTheme(theme);
      try { localStorage.setItem('theme', theme); } catch { /* not allowed here */ }
    });
  }

  connectTheme();
  readAddress();
  connectControls();
  showFilters();
  look();
})();
