/* The way to the server: finds it, opens it, opens it again when it is gone.
 *
 *     connecting ─► open ─► waiting ─► connecting ─► …        stopped: by stop(), or the server said so (4000)
 *
 * A socket that is dead without having said so is found out: what must be answered is answered in time, or the socket
 * is given up. */

const OPEN_TIMEOUT = 6000;    /* of one address; then the next is tried */
const ANSWER_TIMEOUT = 10000; /* to what must be answered */
const QUIET = 45000;          /* whether it is there is asked then: pings are not shown to a page */
const WAIT_FIRST = 400;
const WAIT_MAX = 20000;
const CLOSE_REPLACED = 4000;

/* A path is seen from the page, which may itself be under a path of another site. */
function addressOf({ url, port, path }) {
	if (url)
		return url;
	const address = new URL(path, location.href);

	address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
	if (port)
		address.port = port;
	return address.href;
}

/* Where the WebSocket is, best first, as config.json says it. */
async function findAddresses() {
	const answer = await fetch('config.json', { cache: 'no-store', signal: AbortSignal.timeout(OPEN_TIMEOUT) });

	return (await answer.json()).websocket.map(addressOf);
}

export class Connection {
	/* handlers: onState(state, { reason, until }), onOpen(), onMessage(object); probe: what the server must answer */
	constructor(handlers, probe) {
		this.handlers = handlers;
		this.probe = probe;
		this.state = 'stopped';
		this.addresses = [];
		this.attempts = 0; /* since it last worked */
		window.addEventListener('online', () => this.check());
		document.addEventListener('visibilitychange', () => document.hidden || this.check());
	}

	start() {
		if (this.state !== 'stopped')
			return;
		this.attempts = 0;
		this.connect();
	}

	stop(reason) {
		this.drop();
		this.become('stopped', { reason });
	}

	/* Not later: now. */
	retry() {
		if (this.state === 'waiting')
			this.connect();
	}

	/* The line may be back, or may have gone while nobody looked. */
	check() {
		if (this.state === 'open' && Date.now() - this.heard > 3000)
			this.ask(this.probe);
		this.retry();
	}

	/* Everything works, up to the login: the next failure waits as the first did. */
	works() {
		this.attempts = 0;
	}

	/* False when there is nobody to tell. */
	send(object) {
		if (this.state !== 'open')
			return false;
		this.socket.send(JSON.stringify(object));
		return true;
	}

	/* Sends what must be answered. */
	ask(object) {
		if (!this.send(object))
			return false;
		this.deadline ??= setTimeout(() => this.lose(), ANSWER_TIMEOUT);
		return true;
	}

	become(state, details = {}) {
		this.state = state;
		this.handlers.onState(state, details);
	}

	async connect() {
		this.drop();
		this.become('connecting', { again: this.attempts > 0 });
		const attempt = this.attempt = {};
		try {
			if (!this.addresses.length)
				this.addresses = await findAddresses();
		} catch {
			/* the server is not there */
		}
		if (attempt !== this.attempt)
			return;
		for (const address of [...this.addresses]) {
			const socket = await this.open(address, attempt);
			if (attempt !== this.attempt)
				return;
			if (socket) {
				this.addresses.sort((one, other) => (other === address) - (one === address));
				return this.use(socket);
			}
		}
		/* It may be elsewhere next time. */
		this.addresses = [];
		this.wait();
	}

	/* A socket that is open, or null. */
	open(address, attempt) {
		return new Promise((resolve) => {
			let socket;
			try {
				socket = new WebSocket(address);
			} catch {
				return resolve(null); /* not allowed from here */
			}
			const give = (result) => {
				clearTimeout(timer);
				socket.onopen = socket.onclose = null;
				if (!result || attempt !== this.attempt)
					socket.close();
				resolve(result);
			};
			const timer = setTimeout(give, OPEN_TIMEOUT, null);
			socket.onopen = () => give(socket);
			socket.onclose = () => give(null);
		});
	}

	use(socket) {
		this.socket = socket;
		socket.onmessage = (event) => this.hear(event.data);
		socket.onclose = (event) => event.code === CLOSE_REPLACED ? this.stop('replaced') : this.lose();
		this.listen();
		this.become('open');
		this.handlers.onOpen();
	}

	hear(data) {
		let message = null;

		this.listen();
		try {
			message = JSON.parse(data);
		} catch {
			/* not ours */
		}
		if (message && typeof message === 'object')
			this.handlers.onMessage(message);
	}

	/* Something was heard: nothing is due, and silence begins. */
	listen() {
		this.heard = Date.now();
		clearTimeout(this.deadline);
		clearTimeout(this.quiet);
		this.deadline = null;
		this.quiet = setTimeout(() => this.ask(this.probe), QUIET);
	}

	/* The socket is gone, or must be given up. */
	lose() {
		this.drop();
		this.wait();
	}

	/* Waits longer each time, and never as long as the others: they all lost the same server at the same moment. */
	wait() {
		const most = Math.min(WAIT_MAX, WAIT_FIRST * 2 ** this.attempts++);
		const delay = most / 2 + Math.random() * most / 2;

		this.timer = setTimeout(() => this.connect(), delay);
		this.become('waiting', { until: Date.now() + delay });
	}

	drop() {
		const socket = this.socket;

		this.attempt = this.socket = null;
		clearTimeout(this.timer);
		clearTimeout(this.deadline);
		clearTimeout(this.quiet);
		this.deadline = null;
		if (!socket)
			return;
		socket.onmessage = socket.onclose = null;
		socket.close();
	}
}
