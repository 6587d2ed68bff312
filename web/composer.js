/* Where messages are written. What is typed is kept until it is sent, over a lost connection and a reload. */

import { make } from './person.js';
import { tab } from './store.js';
import { sendable } from './text.js';
import { onLanguage, say } from './words.js';

const CONTENT_BYTES_MAX = 16384; /* the server's limit */
const HEIGHT_MAX = 200;
const EMOJI = [
	'😀 😂 🙂 😉 😍 🥰 😎 🤔 😐 🙄 😴 😢', '😭 😡 😱 🤗 🥳 🤝 👍 👎 👋 👏 🙏 💪',
	'❤️ 💔 🔥 ✨ 🎉 🎂 🌈 ☀️ 🌙 ⭐ ☕ 🍕', '🐱 🐶 🌸 🍀 🚀 🚲 🏠 💡 📎 ✅ ❌ ❓',
];

const find = (id) => document.getElementById(id);

export class Composer {
	/* onSend(text) takes the text over. */
	constructor(room, onSend) {
		this.key = `draft:${room}`;
		this.onSend = onSend;
		this.text = find('text');
		this.emoji = find('emoji');
		this.emojiOpen = find('emoji-open');
		/* Where fingers write there is no Ctrl key, and Enter belongs to the text. */
		this.fingers = matchMedia('(hover: none) and (pointer: coarse)');
		this.text.value = tab.get(this.key, '');
		this.text.addEventListener('input', () => this.changed());
		this.text.addEventListener('keydown', (event) => this.pressed(event));
		find('composer').addEventListener('submit', (event) => {
			event.preventDefault();
			this.send();
		});
		this.makeEmoji();
		this.fit();
		onLanguage(() => this.showProblem());
	}

	focus() {
		if (!this.fingers.matches)
			this.text.focus();
	}

	changed() {
		tab.set(this.key, this.text.value || undefined);
		this.showProblem();
		this.fit();
	}

	/* The field is as high as what is in it, up to a limit. */
	fit() {
		this.text.style.height = 'auto';
		this.text.style.height = `${Math.min(this.text.scrollHeight, HEIGHT_MAX)}px`;
	}

	pressed(event) {
		/* Enter ends the composition of a Chinese word, for one, before it sends. */
		if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229 || this.fingers.matches)
			return;
		if (event.shiftKey)
			return;
		event.preventDefault();
		if (event.ctrlKey || event.metaKey || event.altKey)
			this.insert('\n');
		else
			this.send();
	}

	insert(text) {
		this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, 'end');
		this.changed();
		this.text.scrollTop = this.text.scrollHeight;
	}

	tooLong() {
		return new TextEncoder().encode(this.text.value).length - CONTENT_BYTES_MAX;
	}

	showProblem(words) {
		const over = this.text.value.length > CONTENT_BYTES_MAX / 4 ? this.tooLong() : 0;

		find('problem').textContent = over > 0 ? say('error.content.by', { n: over }) : words ?? '';
	}

	send() {
		const text = sendable(this.text.value);

		if (!text.trim() || this.tooLong() > 0)
			return;
		this.text.value = '';
		this.changed();
		if (!this.emoji.hidden)
			this.showEmoji(false);
		this.onSend(text);
	}

	makeEmoji() {
		for (const each of EMOJI.flatMap((row) => row.split(' '))) {
			const button = make('button', '', each);
			button.type = 'button';
			button.addEventListener('click', () => this.insert(each));
			this.emoji.append(button);
		}
		this.emojiOpen.addEventListener('click', () => this.showEmoji(this.emoji.hidden));
		find('composer').addEventListener('keydown', (event) => {
			if (event.key !== 'Escape' || this.emoji.hidden)
				return;
			event.stopImmediatePropagation();
			this.showEmoji(false);
			this.emojiOpen.focus();
		});
	}

	showEmoji(shown) {
		this.emoji.hidden = !shown;
		this.emojiOpen.setAttribute('aria-expanded', String(shown));
		if (shown)
			this.emoji.firstElementChild.focus();
	}
}
