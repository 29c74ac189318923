import JSONModel
import Testing
import TrustModel
import TrustResources

@testable import OperatorEndpoints

/// The status page for people who do not use a mouse, do not see it, or see it otherwise.
@Suite(
    "Status page for everybody",
    .enabled(if: try Browser.isInstalled, Browser.reason),
    .serialized,
    .timeLimit(.minutes(5))
)
struct AccessibilityTests {
    private static let images = [
        SampleImages.image(1, pods: 3), SampleImages.image(2, .untrusted), SampleImages.image(3, .unknown),
        SampleImages.image(4, .unsupported), SampleImages.absent(5),
    ]

    @Test("everything can be reached and used with the keyboard, in the order in which it is read")
    func keyboard() async throws {
        try await BrowserPage.show(KnownResults(Self.images)) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            var reached: [String] = []
            let name = """
                (e => e.id || e.dataset.verdict || (e.className === 'toggle' ? 'toggle' : e.className) || e.tagName)\
                (document.activeElement)
                """
            for _ in 0..<20 {
                try await page.press("Tab")
                reached.append(try await page.text(name))
            }
            #expect(
                reached.prefix(16) == [
                    "skip", "theme", "Untrusted", "Unknown", "None", "Unsupported", "Trusted", "image", "namespace",
                    "policy", "running", "toggle", "toggle", "toggle", "toggle", "toggle",
                ]
            )
            // What has the focus is marked.
            try await page.value("document.activeElement.blur(); document.querySelector('.toggle').focus()")
            try await page.press("Enter")
            try await page.wait("document.querySelectorAll('.why').length === 1")
            #expect(try await page.text("document.activeElement.getAttribute('aria-expanded')") == "true")
            let outline = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            #expect(try await page.value("document.activeElement.matches(':focus-visible') && \(outline)") == true)
            let place = """
                document.activeElement.closest('tr').nextSibling.id === \
                document.activeElement.getAttribute('aria-controls')
                """
            #expect(try await page.value(place) == true)
            try await page.press("Enter")
            try await page.wait("document.querySelectorAll('.why').length === 0")
            try await page.value("document.querySelector('[data-verdict=Unknown]').focus()")
            try await page.press("Enter")
            try await page.wait("document.querySelectorAll('tr.row').length === 1")
            #expect(try await page.text("document.activeElement.getAttribute('aria-pressed')") == "true")
        }
    }

    @Test("a screen reader finds a table with headers, named controls and words for what colours say")
    func tree() async throws {
        try await BrowserPage.show(KnownResults(Self.images)) { page, _ in
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            try await page.send("Accessibility.enable")
            let nodes = try await page.send("Accessibility.getFullAXTree")["nodes"]?.array ?? []
            let named = nodes.filter { $0["ignored"] != true }.map { node in
                (node.value(at: "role", "value")?.string ?? "", node.value(at: "name", "value")?.string ?? "")
            }
            func names(_ role: String) -> [String] { named.filter { $0.0 == role }.map(\.1) }
            #expect(names("columnheader") == ["Verdict", "Image", "Namespace", "Why", "Pods", "Holds until"])
            #expect(names("rowheader").count == 5)
            #expect(names("table").count == 1 && names("table")[0].hasPrefix("Images, the worst verdict first."))
            #expect(names("main").count == 1 && names("banner").count == 1 && names("contentinfo").count == 1)
            #expect(names("search") == ["Images"])
            #expect(names("heading").starts(with: ["Vigil", "Running images by verdict", "Images"]))
            for label in ["Image, tag or digest", "Namespace", "Policy", "Show"] {
                let isThere = named.contains { ["searchbox", "combobox"].contains($0.0) && $0.1.hasPrefix(label) }
                #expect(isThere, "\(label)")
            }
            #expect(names("button").contains("1 Untrusted evidence speaks against them"))
            #expect(names("button").contains("shop/web-2:v1"))
            #expect(!named.contains { ["button", "link", "combobox", "searchbox"].contains($0.0) && $0.1.isEmpty })
            for word in ["Untrusted", "Unknown", "No verdict", "Unsupported", "Trusted"] {
                #expect(names("cell").contains(word), "\(word) is said and not only shown")
            }
            #expect(names("status").count == 2, "what changes is said")
        }
    }

    @Test("texts stand out from their ground in either theme", arguments: ["light", "dark"])
    func contrast(_ theme: String) async throws {
        try await BrowserPage.show(KnownResults(Self.images)) { page, _ in
            try await page.prefer(theme)
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            try await page.value("document.querySelector('.toggle').click()")
            let ground = try await page.value("getComputedStyle(document.body).backgroundColor")
            #expect(ground == (theme == "light" ? "rgb(244, 246, 249)" : "rgb(14, 19, 27)"))
            // The contrast of every text with the nearest ground that is not transparent (WCAG 2.2, 1.4.3).
            let poor = try await page.value(
                """
                (() => {
                  const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
                  const light = (c) => { const [r, g, b] = numbers(c).map(v => v / 255)
                    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                    if ((numbers(c)[3] ?? 1) === 1) return c; } return 'rgb(255, 255, 255)'; };
                  const poor = [];
                  let count = 0;
                  for (const e of document.querySelectorAll('body *')) {
                    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
                    if (e.closest('.unseen, noscript, button:disabled')) continue;
                    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
                    count += 1;
                    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${e.className} ${e.textContent.slice(0, 30)} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
                  }
                  return count > 40 ? poor : ['too few texts: ' + count];
                })()
                """
            )
            #expect(poor == [])
        }
    }

    @Test("a theme that a person chooses stays chosen, whatever the system prefers")
    func theme() async throws {
        try await BrowserPage.show(KnownResults(Self.images)) { page, address in
            try await page.prefer("light")
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            try await page.click("#theme")
            try await page.click("#theme")
            #expect(try await page.text("document.getElementById('theme').innerText") == "Theme: dark")
            #expect(try await page.text("getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 27)")
            try await page.open("\(address)/status")
            #expect(try await page.text("getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 27)")
        }
    }

    @Test("without scripts the totals are there, and where to find the rest")
    func withoutScripts() async throws {
        try await BrowserPage.show(KnownResults(Self.images)) { page, address in
            try await page.send("Emulation.setScriptExecutionDisabled", ["value": true])
            try await page.open("\(address)/status")
            #expect(try await page.text("document.querySelector('[data-verdict=Untrusted] .count').innerText") == "1")
            #expect(try await page.text("document.body.innerText").contains("kubectl get imageverifications -A"))
        }
    }

    @Test("a narrow window has everything in view without scrolling sideways", arguments: [360, 800])
    func narrow(_ width: Int) async throws {
        try await BrowserPage.show(KnownResults(Self.images)) { page, _ in
            try await page.resize(width, 800)
            try await page.wait("document.querySelectorAll('tr.row').length === 5")
            try await page.value("document.querySelector('.toggle').click()")
            #expect(try await page.value("document.documentElement.scrollWidth <= \(width)") == true)
            let fits = "(e => e.scrollWidth <= e.clientWidth)(document.getElementById('scroll'))"
            #expect(try await page.value(fits) == true)
        }
    }
}
