// Opens pages in headless Chromium, in light, dark, narrow and on paper, and says what is wrong with them, a line each:
//	node page.js FOLDER PAGE.html...	FOLDER has node_modules with puppeteer-core and axe-core
// With PICTURES=PREFIX it keeps what it saw.
const path = require('path'), [folder, ...pages] = process.argv.slice(2)
const module_of = (name) => require.resolve(name, {paths: [folder]})
const views = [['light', 1200, 'light'], ['dark', 1200, 'dark'], ['narrow', 390, 'light'], ['print', 800, 'light']]

// Texts of a picture that lie on one another, or beyond it.
function crowded() {
	const found = []
	for (const svg of document.querySelectorAll('svg')) {
		const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim())
		const all = texts.map((t) => t.getBoundingClientRect()), whole = svg.getBoundingClientRect()
		all.forEach((a, i) => {
			const name = `${svg.getAttribute('class')}: '${texts[i].textContent}'`
			if (a.left < whole.left - 1 || a.right > whole.right + 1 || a.top < whole.top - 1 || a.bottom > whole.bottom + 1)
				found.push(`${name} is cut`)
			for (let k = 0; k < i; k++) {
				const b = all[k]
				if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
					found.push(`${name} is on '${texts[k].textContent}'`)
			}
		})
	}
	if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push('the page is wider than the screen')
	return found
}

async function look(browser, file) {
	const url = 'file://' + path.resolve(file), tab = await browser.newPage()
	const say = (view, what) => console.log(`${path.basename(file)} ${view}: ${what}`)
	tab.on('console', (m) => say('console', m.text()))
	tab.on('pageerror', (e) => say('console', e))
	tab.on('request', (r) => r.url() === url || r.url().startsWith('data:') || say('asks for', r.url()))
	for (const [view, width, scheme] of views) {
		await tab.setViewport({width, height: 900})
		await tab.emulateMediaType(view === 'print' ? 'print' : 'screen')
		await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}])
		await tab.goto(url)
		for (const what of await tab.evaluate(crowded)) say(view, what)
		if (process.env.PICTURES) await tab.screenshot({path: `${process.env.PICTURES}.${path.basename(file)}.${view}.png`, fullPage: true})
		if (view === 'print') continue
		// What a pointer over a picture is told.
		for (const svg of await tab.$$('svg[data-areas]')) {
			await svg.scrollIntoView()
			const box = await svg.boundingBox()
			await tab.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5)
			if (!await svg.evaluate((s) => / s: \d/.test([...s.parentNode.querySelectorAll('.tip:not([hidden])')].map((t) => t.textContent).join())))
				say(view, `${await svg.evaluate((s) => s.getAttribute('class'))} tells the pointer nothing`)
		}
		await tab.addScriptTag({path: module_of('axe-core')})
		for (const v of (await tab.evaluate(() => axe.run())).violations) say(view, `axe ${v.id}: ${v.nodes[0].html.slice(0, 200)}`)
	}
	await tab.close()
}

require(module_of('puppeteer-core')).launch({executablePath: process.env.CHROMIUM, args: ['--no-sandbox'], headless: true}).then(async (browser) => {
	for (const page of pages) await look(browser, page)
	await browser.close()
})
