/* What outlives a reload (of this tab) and a visit (of this browser). A browser that keeps nothing makes it forget, and
 * nothing else. */

function read(storage, key, otherwise) {
	try {
		const text = window[storage].getItem(`wschat:${key}`);
		return text === null ? otherwise : JSON.parse(text);
	} catch {
		return otherwise;
	}
}

function write(storage, key, value) {
	try {
		if (value === undefined)
			window[storage].removeItem(`wschat:${key}`);
		else
			window[storage].setItem(`wschat:${key}`, JSON.stringify(value));
	} catch {
		/* full, or forbidden */
	}
}

const store = (storage) => ({
	get: (key, otherwise = null) => read(storage, key, otherwise),
	set: (key, value) => write(storage, key, value), /* undefined forgets it */
});

export const tab = store('sessionStorage');
export const browser = store('localStorage');
