/* Who is here: the list beside the chat, and whom the next message is for. */

import { avatar, make, nameOf } from './person.js';
import { onLanguage, say } from './words.js';

const SHOWN = 200;   /* of a list; the rest is found by its name */
const FILTERED = 12; /* from so many people on, a field finds them */

const find = (id) => document.getElementById(id);

export class People {
	/* onChoose(): whom it is for changed. */
	constructor(onChoose) {
		this.onChoose = onChoose;
		this.select = find('to');
		this.filter = find('people-filter');
		this.people = new Map();
		this.me = null;
		this.to = 'all';
		this.toName = '';
		this.filter.addEventListener('input', () => this.showList());
		this.select.addEventListener('change', () => this.choose(this.select.value));
		this.select.addEventListener('blur', () => this.showSelect());
		find('people').addEventListener('click', (event) => {
			const button = event.target.closest('button');
			if (button)
				this.choose(button.dataset.id, true);
		});
		onLanguage(() => this.show());
	}

	/* Many come at once after a restart: they are shown once a frame. */
	changed(people, me) {
		this.people = people;
		this.me = me;
		this.frame ??= requestAnimationFrame(() => {
			this.frame = null;
			this.show();
		});
	}

	show() {
		const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

		this.others = [...this.people].filter(([id]) => id !== this.me)
			.sort(([, one], [, other]) => collator.compare(one, other));
		find('people-count').textContent = this.people.size || '';
		find('side-count').textContent = this.people.size || '';
		this.filter.hidden = this.others.length < FILTERED && !this.filter.value;
		this.showList();
		this.showSelect();
	}

	showList() {
		const wanted = this.filter.value.trim().toLocaleLowerCase();
		const found = wanted ? this.others.filter(([, name]) => name.toLocaleLowerCase().includes(wanted)) : this.others;
		const rows = found.slice(0, SHOWN).map(([id, name]) => this.row(id, name));

		if (this.people.has(this.me) && !wanted)
			rows.unshift(this.ownRow(this.people.get(this.me)));
		this.replaceRows(find('people'), rows);
		find('people-more').textContent = found.length > SHOWN ? say('people.more', { n: found.length - SHOWN }) : '';
	}

	/* Whoever stands on somebody's button with the keyboard stays there. */
	replaceRows(list, rows) {
		const focused = list.contains(document.activeElement) && document.activeElement.dataset.id;

		list.replaceChildren(...rows);
		if (focused)
			(list.querySelector(`[data-id="${CSS.escape(focused)}"]`) || this.filter).focus();
	}

	row(id, name) {
		const row = make('li');
		const button = make('button', 'person');

		button.type = 'button';
		button.dataset.id = id;
		button.title = say('people.write', { name });
		button.setAttribute('aria-pressed', String(id === this.to));
		button.append(avatar(id, name), nameOf(id, name));
		row.append(button);
		return row;
	}

	ownRow(name) {
		const row = make('li', 'person');

		row.append(avatar(this.me, name), nameOf(this.me, name), ' ', make('span', 'quiet', `(${say('people.you')})`));
		return row;
	}

	/* Not while it is open: its list would jump. */
	showSelect() {
		const options = [new Option(say('to.all'), 'all')];

		this.showChosen();
		if (document.activeElement === this.select)
			return;
		for (const [id, name] of this.others.slice(0, SHOWN))
			options.push(new Option(name, id));
		if (this.to !== 'all' && !options.some(({ value }) => value === this.to)) {
			const here = this.people.has(this.to);
			options.push(new Option(here ? this.toName : say('to.away', { name: this.toName }), this.to));
		}
		this.select.replaceChildren(...options);
		this.select.value = this.to;
	}

	choose(id, fromList = false) {
		this.to = id;
		this.toName = id === 'all' ? '' : this.people.get(id) ?? this.toName;
		this.show();
		this.select.value = id;
		this.onChoose(fromList);
	}

	showChosen() {
		const isPrivate = this.to !== 'all';

		find('composer').classList.toggle('private', isPrivate);
		find('to-hint').textContent = isPrivate ? say('to.private') : '';
	}
}
