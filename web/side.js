/* On a phone, people and rooms come in from the side, over the chat. */

const find = (id) => document.getElementById(id);

export function startSide() {
	const narrow = matchMedia('(max-width: 719px)');
	const side = find('side');
	const opener = find('side-open');
	const show = (shown) => {
		side.classList.toggle('open', shown);
		find('shade').hidden = !shown;
		opener.setAttribute('aria-expanded', String(shown));
		/* What is behind it cannot be reached, and it cannot be when it is away. */
		document.querySelector('.main').inert = shown;
		side.inert = narrow.matches && !shown;
	};
	const close = (toOpener = false) => {
		const wasOpen = side.classList.contains('open');
		show(false);
		if (wasOpen && toOpener)
			opener.focus();
	};

	opener.addEventListener('click', () => {
		show(true);
		find('side-close').focus();
	});
	find('side-close').addEventListener('click', () => close(true));
	find('shade').addEventListener('click', () => close(true));
	side.addEventListener('keydown', (event) => {
		if (event.key === 'Escape')
			close(true);
	});
	narrow.addEventListener('change', () => close());
	show(false);
	return { close };
}
