'use strict';
/* Usage: node picture.js PICTURE.png
 *
 * The picture of the chat for the README: some people plan a Saturday. */

const { Server } = require('./server.js');
const { start, Person } = require('./browsers.js');

const VIEWPORT = { width: 1100, height: 720 };

(async () => {
	const server = await new Server().start();
	const browser = await start('chromium');
	const names = ['Anna', 'Marco', '小李', 'Noor'];
	const people = {};

	for (const name of names) {
		people[name] = await Person.sit(browser, server.page, { viewport: VIEWPORT, query: '?room_id=Saturday' });
		await people[name].enter(name);
	}
	const { Anna, Marco, Noor } = people;
	const say = async (person, text, to = 'Everyone') => {
		await person.address(to);
		await person.say(text);
		await person.sees(text);
	};
	await say(Marco, 'Good morning! Who is coming to the lake on Saturday?');
	await say(Noor, 'Me 🙋‍♀️');
	await say(Noor, 'The train is at nine: https://example.org/trains?to=Como');
	await say(people['小李'], '我也来。天气怎么样？');
	await say(Anna, 'Sunny, they say. Please bring:\n– water\n– a <b>hat</b> ;-)\n– sun cream & a good mood');
	await say(Marco, '☀️🎉');
	await say(Anna, 'It is her birthday. Shall we bring a cake?', 'Marco');
	await say(Marco, 'Yes! I know the right place. 🎂', 'Anna');
	await say(Anna, 'See you all at the station.');
	await Anna.page.type('#text', 'And do not forget');
	await Anna.page.screenshot({ path: process.argv[2] });
	await browser.close();
	await server.stop();
})().catch((error) => {
	console.error(error.message);
	process.exit(1);
});
