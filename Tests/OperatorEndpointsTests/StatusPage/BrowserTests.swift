import Foundation
import JSONModel
import KubernetesAPI
import OCIModel
import Synchronization
import Testing
import TrustModel
import TrustResources

@testable import OperatorEndpoints

/// The status page in a real Chromium: what a person sees of it, and what hostile names can do.
@Suite(
    "Status page in a browser",
    .enabled(if: try Browser.isInstalled, Browser.reason),
    .serialized,
    .timeLimit(.minutes(5))
)
struct BrowserTests {
    /// The script's text of a row's cell, by the end of the repository.
    private func cell(_ name: String, _ column: Int) -> String {
        """
        [...document.querySelectorAll('tr.row')].find(r => r.querySelector('.toggle').textContent.includes('\(name)'))\
        ?.children[\(column)].innerText
        """
    }

    /// The button of a row.
    private func toggle(_ name: String) -> String {
        "[...document.querySelectorAll('.toggle')].find(b => b.textContent.includes('\(name)'))"
    }

    private static let mixed = [
        SampleImages.image(1, tags: ["v1", "latest"], pods: 12), SampleImages.image(2, .untrusted, namespace: "bank"),
        SampleImages.image(3, .unknown), SampleImages.image(4, .unsupported), SampleImages.absent(5),
        SampleImages.image(6, pods: 0, isGate: true),
    ]

    @Test("what runs is there, the worst first, with the why at the press of a button")
    func content() async throws {
        try await BrowserPage.show(KnownResults(Self.mixed)) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            let verdicts = try await page.value("[...document.querySelectorAll('.badge')].map(b => b.innerText)")
            #expect(verdicts == ["Untrusted", "Unknown", "No verdict", "Unsupported", "Trusted"])
            #expect(try await page.text("document.querySelector('[data-verdict=Trusted] .count').innerText") == "1")
            #expect(try await page.text("document.title") == "(1) Vigil")
            #expect(try await page.text("document.getElementById('live').dataset.state") == "live")
            #expect(try await page.text(cell("web-1", 4)) == "12")
            #expect(try await page.text(cell("web-5", 3)).contains("No policy speaks for this image."))
            try await page.value("\(toggle("web-2")).click()")
            let why = try await page.text("document.querySelector('.why').innerText")
            for part in [
                "the signature of wabbit-networks.io does not hold", "CN=wabbit-networks.io", "ECDSA-SHA-256",
                SampleImages.digest(2).description, "kubectl describe imageverification -n bank sha256-",
                "TrustPolicy/bank/release", "SignatureInvalid",
            ] { #expect(why.contains(part), "\(part) is not in:\n\(why)") }
            #expect(try await page.value("document.querySelectorAll('.history li').length") == 1)
        }
    }

    /// Lets in who shows the token `secret`, while it can decide.
    private final class OneToken: EndpointAccess {
        private let isDown = Mutex(false)

        func set(isDown: Bool) { self.isDown.withLock { $0 = isDown } }

        func decision(token: String, path: String) async -> EndpointDecision {
            if isDown.withLock(\.self) { return .undecided("the API server could not be asked") }
            return token == "secret" ? .allowed : .unauthenticated
        }
    }

    @Test("where tokens are asked for the browser asks the person, once, and the page lives on what they gave")
    func token() async throws {
        let source = KnownResults([SampleImages.image(1)])
        let endpoints = Endpoint.results(source) + Endpoint.statusPage(source)
        let access = OneToken()
        try await ServedEndpoints.with(endpoints, access: access) { port in
            try await Browser.with { browser in
                let page = try await BrowserPage(browser)
                try await page.send("Fetch.enable", ["handleAuthRequests": true])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await page.giveCredentials("me", "secret") }
                    try await page.open("http://127.0.0.1:\(port)/status")
                    try await page.wait("document.querySelectorAll('tr.row').length === 1")
                    source.show([SampleImages.image(1), SampleImages.image(2, .untrusted)])
                    try await page.wait("document.querySelectorAll('tr.row').length === 2")
                    access.set(isDown: true)
                    let banner = "document.getElementById('banner')"
                    try await page.wait("\(banner).innerText.startsWith('Not yet: whether /results may be read ')")
                    let text = try await page.text("\(banner).innerText")
                    #expect(text.hasSuffix("cannot be found out now: the API server could not be asked."), "\(text)")
                    access.set(isDown: false)
                    try await page.wait("\(banner).hidden")
                    #expect(browser.events("Fetch.authRequired").count == 1 && page.remarks == [])
                    group.cancelAll()
                    while let result = await group.nextResult() { _ = result }
                }
            }
        }
    }

    @Test("hostile names, tags, messages and signers are text, whatever they say, and nothing is fetched or run")
    func hostile() async throws {
        let texts = [
            "<img src=x onerror=document.title='hacked'>", "\"><script>document.title='hacked'</script>",
            "';document.title='hacked';//", "javascript:document.title='hacked'", "{{trusted}}",
            "</textarea></title>&lt;",
            "a\u{202E}gnp.exe\u{2066}\u{0}\u{7}", String(repeating: "<b>x", count: 2560),
        ]
        let images = texts.enumerated().map { number, text in
            SampleImages.image(number, .untrusted, repository: text, tags: [text], pods: 2, message: text) { status in
                status.findings?[0].signer = text
                status.findings?[0].warnings = [text]
                status.findings?[0].algorithm = text
                status.workloads?.sample = [text]
            }
        }
        try await BrowserPage.show(KnownResults(images)) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 8")
            try await page.value("document.querySelectorAll('.toggle').forEach(b => b.click())")
            try await page.wait("document.querySelectorAll('.why').length === 8")
            #expect(try await page.value("document.querySelectorAll('img, iframe, b, main script').length") == 0)
            #expect(try await page.value("document.querySelectorAll('script').length") == 1)
            #expect(try await page.text("document.title") == "(8) Vigil")
            let shown = try await page.text("document.querySelector('main').textContent")
            for text in texts.dropLast(2) { #expect(shown.contains(text), "\(text)") }
            let treacherous = #"/[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)"#
            #expect(try await page.value(treacherous) == false)
            // Ten kilobytes do not break the page out of its window.
            let isWide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            #expect(try await page.value(isWide) == false)
            #expect(
                try await page.value("document.querySelector('tr.row').getBoundingClientRect().height < 250") == true
            )
            let resources = "performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)"
            let asked = try await page.value(resources)
            let paths = Set((asked.array ?? []).compactMap(\.string))
            #expect(paths == ["/status/status.css", "/status/status.js", "/api/v1/images", "/api/v1/summary"])
        }
    }

    @Test("the policy stops scripts and markup even if the page had let them in")
    func policy() async throws {
        try await BrowserPage.show(KnownResults(Self.mixed)) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            let markup = """
                (() => { try { document.body.innerHTML = '<i>x</i>'; return 'done'; } catch (e) { return e.name; } })()
                """
            #expect(try await page.value(markup) == "TypeError")
            // Even an attribute that would be a script is refused, and an element of a script from elsewhere does not load.
            let handler = """
                (() => { const e = document.createElement('p'); try { e.setAttribute('onclick', 'window.ran = 1'); } \
                catch (error) { return error.name; } document.body.append(e); e.click(); return window.ran ?? 'stopped'; })()
                """
            #expect(try await page.value(handler) == "TypeError")
            let frame = """
                new Promise(done => { document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective)); \
                document.body.append(document.createElement('iframe')); \
                document.querySelector('iframe').src = location.origin + '/status'; setTimeout(() => done('nothing'), 5000); })
                """
            #expect(try await page.value(frame) == "frame-src")
            page.forgetRemarks()
        }
    }

    @Test("a change is seen without reloading, is said, and takes neither focus nor what was open")
    func live() async throws {
        let source = KnownResults(Self.mixed)
        try await BrowserPage.show(source) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            try await page.value(
                "window.mark = 'the same page'; \(toggle("web-1")).focus(); \(toggle("web-1")).click()"
            )
            try await page.wait("document.querySelectorAll('.why').length === 1")
            var changed = Self.mixed
            changed[0] = SampleImages.image(1, .untrusted, tags: ["v1", "latest"], pods: 12)
            changed[4] = SampleImages.image(7)
            source.show(changed)
            try await page.wait("\(cell("web-1", 0)) === 'Untrusted'")
            #expect(try await page.text("window.mark") == "the same page")
            #expect(try await page.value("\(cell("web-5", 0)) === undefined") == true)
            #expect(try await page.text(cell("web-7", 0)) == "Trusted")
            #expect(try await page.value("document.activeElement === \(toggle("web-1"))") == true)
            let why = try await page.text("document.querySelector('.why').innerText")
            #expect(why.contains("does not hold"), "the why follows")
            let said = "document.getElementById('announcer').textContent"
            try await page.wait("\(said).includes('shop/web-1 in shop is now Untrusted')")
            // The totals are another answer, which may be older than the rows for one look.
            try await page.wait("document.querySelector('[data-verdict=Untrusted] .count').innerText === '2'")
            try await page.wait("document.title === '(2) Vigil'")
        }
    }

    @Test("a quiet cluster costs no content: it is asked, and answered that nothing has changed")
    func quiet() async throws {
        let source = KnownResults(Self.mixed)
        try await BrowserPage.show(source) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            let before = source.snapshots
            let asked = "performance.getEntriesByType('resource').filter(e => e.name.includes('/api/')).length"
            let first = try await page.value(asked).integer ?? 0
            try await page.wait("\(asked) >= \(first + 4)")
            #expect(source.snapshots == before)
        }
    }

    @Test("filters are in the address, and come back with it")
    func filters() async throws {
        let policy = TrustPolicy(
            metadata: ObjectMeta(name: "release", namespace: "bank"),
            spec: TrustPolicySpec(authorities: [])
        )
        try await BrowserPage.show(KnownResults(Self.mixed, policies: [VerdictForecast.PolicyEntry(policy)])) {
            page,
            address in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            try await page.click("[data-verdict=Untrusted]")
            try await page.wait("document.querySelectorAll('tr.row').length === 1")
            try await page.click("[data-verdict=Trusted]")
            try await page.wait("document.querySelectorAll('tr.row').length === 2")
            #expect(try await page.text("location.search") == "?verdict=Untrusted&verdict=Trusted")
            #expect(try await page.text("document.getElementById('matches').innerText") == "2 images found")
            try await page.press("/")
            #expect(try await page.text("document.activeElement.id") == "image")
            try await page.type("WEB-2@sha256:")
            try await page.wait("document.querySelectorAll('tr.row').length === 1")
            #expect(try await page.text("location.search").hasSuffix("&image=WEB-2%40sha256%3A"))
            try await page.type("nowhere")
            try await page.wait("!document.getElementById('empty').hidden")
            #expect(try await page.text("document.getElementById('empty').innerText") == "No image is like that.")
            try await page.click("#clear")
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            #expect(try await page.text("location.search") == "")
            for (id, value, rows) in [
                ("namespace", "bank", 1), ("policy", "TrustPolicy/bank/release", 1), ("namespace", "", 1),
                ("policy", "", 5), ("running", "", 6), ("running", "false", 1), ("running", "true", 5),
            ] {
                // As a person does who picks it from the list.
                #expect(try await page.choose(value, of: id) == .string(value), "\(id) does not offer \(value)")
                try await page.wait("document.querySelectorAll('tr.row').length === \(rows)")
            }
            #expect(try await page.text("location.search") == "")
            try await page.open("\(address)/status?namespace=bank&verdict=Untrusted&running=any")
            try await page.wait("document.querySelectorAll('tr.row').length === 1")
            #expect(try await page.text("document.getElementById('namespace').value") == "bank")
            #expect(try await page.text("document.querySelector('[aria-pressed=true]').dataset.verdict") == "Untrusted")
            try await page.open("\(address)/status/")
            try await page.wait("location.pathname === '/status' && document.querySelectorAll('tr.row').length === 5")
        }
    }

    @Test("what cannot be read is said: starting, gone, and a cluster that is not heard of")
    func failures() async throws {
        let source = KnownResults(Self.mixed)
        source.set(isComplete: false)
        try await BrowserPage.show(source) { page, _ in
            let banner = "document.getElementById('banner').innerText"
            try await page.wait("\(banner) === 'Not yet: the state of the cluster is still being read.'")
            #expect(try await page.text("document.querySelector('.count').innerText") == "–")
            source.set(isCurrent: false)
            try await page.wait("\(banner).startsWith('Vigil has not heard from the API server lately')")
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            source.set()
            try await page.wait("document.getElementById('banner').hidden")
            // Nobody answers any more.
            try await page.send(
                "Network.emulateNetworkConditions",
                ["offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0]
            )
            try await page.wait("\(banner).startsWith('Vigil does not answer')")
            #expect(try await page.text("document.getElementById('live').dataset.state") == "lost")
            #expect(try await page.value("document.querySelectorAll('tr.row').length") == 5, "what was known stays")
            try await page.send(
                "Network.emulateNetworkConditions",
                ["offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1]
            )
            try await page.wait("document.getElementById('live').dataset.state === 'live'")
        }
    }

    @Test("10,000 images: the first rows are there at once, and a page of them is all that is in the document")
    func many() async throws {
        let images = (0..<10_000).map { number in
            SampleImages.image(number, Verdict.allCases[number % 4], namespace: "team-\(number % 200)", pods: 1)
        }
        try await BrowserPage.show(KnownResults(images)) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 50")
            let time = try await page.value(
                "Math.round(Math.max(...performance.getEntriesByType('resource').map(e => e.responseEnd)))"
            )
            let bytes = try await page.value(
                "performance.getEntriesByType('resource').reduce((sum, e) => sum + e.transferSize, 0)"
            )
            print("10,000 images in a browser: everything read after \(time) ms, \(bytes) bytes")
            // A debug build on a busy machine takes half a second.
            #expect((time.integer ?? .max) < 5000, "people would wait")
            #expect(try await page.value("document.querySelectorAll('*').length < 2500") == true)
            #expect(bytes.integer ?? .max < 400_000)
            #expect(try await page.text("document.getElementById('place').innerText") == "1–50 of 10,000")
            let first = try await page.text("document.querySelector('.toggle').innerText")
            try await page.click("#next")
            try await page.wait("document.getElementById('place').innerText === '51–100 of 10,000'")
            #expect(try await page.text("document.querySelector('.toggle').innerText") != first)
            // Reading goes on at the top of the list.
            #expect(try await page.text("document.activeElement.id") == "images")
            try await page.click("#previous")
            try await page.wait("document.getElementById('place').innerText === '1–50 of 10,000'")
            #expect(try await page.text("document.querySelector('.toggle').innerText") == first)
        }
    }
}
