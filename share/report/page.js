// What a pointer, or the arrow keys, over a picture tell. Without this the page is complete.
const source = document.querySelector('svg[data-windows]'), windows = source ? JSON.parse(source.dataset.windows) : []
for (const svg of source ? document.querySelectorAll('svg[data-areas]') : []) {
	const areas = JSON.parse(svg.dataset.areas), to = +svg.dataset.to, figure = svg.parentNode
	const parts = JSON.parse(svg.dataset.parts ?? '[]')
	const tip = document.createElement('div'), line = document.createElementNS(svg.namespaceURI, 'path')
	tip.className = 'tip'
	tip.hidden = true
	tip.setAttribute('role', 'status')
	figure.append(tip)
	const box = svg.viewBox.baseVal
	for (const [name, value] of [['stroke', '#222222'], ['opacity', 0]])
		line.setAttribute(name, value)
	svg.append(line)
	let now = -1
	const ms = (v) => v === null ? '–' : v < 10 ? v.toFixed(2) + ' ms' : Math.round(v) + ' ms'
	const failures = (v) => v === null ? 'failures not known' : `${v}/s failed`
	const one = ([name, list]) => list[now] ? `\n${name}: ${list[now][0]}/s offered, ${failures(list[now][1])}` : ''
	const show = (i, area = areas[0]) => {
		now = Math.max(0, Math.min(windows.length - 1, i))
		const [from, due, ok, err, p50, p99] = windows[now], [left, right] = area
		const share = left + (from / to) * (right - left)
		tip.textContent = `${from} s: ${due}/s offered\n${ok}/s succeeded, ${failures(err)}\np50 ${ms(p50)}, p99 ${ms(p99)}`
			+ parts.map(one).join('')
		tip.hidden = false
		tip.style.top = '22%'
		tip.style.left = share < 0.7 ? `calc(${share * 100}% + 12px)` : ''
		tip.style.right = share < 0.7 ? '' : `calc(${(1 - share) * 100}% + 12px)`
		line.setAttribute('d', areas.map(([a, b]) => `M${(a + from / to * (b - a)) * box.width},40V${svg.dataset.bottom}`).join(''))
		line.setAttribute('opacity', 0.5)
	}
	const hide = () => { tip.hidden = true; line.setAttribute('opacity', 0) }
	svg.addEventListener('pointermove', (event) => {
		const whole = svg.getBoundingClientRect(), x = (event.clientX - whole.left) / whole.width
		const area = areas.find(([left, right]) => x >= left && x <= right)
		if (!area) return hide()
		const at = (x - area[0]) / (area[1] - area[0]) * to
		let i = 0
		while (i + 1 < windows.length && windows[i + 1][0] <= at) i++
		show(i, area)
	})
	svg.addEventListener('pointerleave', hide)
	svg.addEventListener('blur', hide)
	svg.addEventListener('keydown', (event) => {
		const step = {ArrowRight: 1, ArrowLeft: -1}[event.key]
		if (step) { show(now + step); event.preventDefault() }
		if (event.key === 'Escape') hide()
	})
}
