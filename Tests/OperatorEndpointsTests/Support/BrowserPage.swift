import Foundation
import JSONModel
import Testing

@testable import OperatorEndpoints

/// A page in a ``Browser``.
struct BrowserPage: Sendable {
    let browser: Browser
    private let session: String

    /// Opens a page of this size; it shows nothing yet.
    init(_ browser: Browser, width: Int = 1280, height: Int = 900) async throws {
        self.browser = browser
        let target = try await browser.send("Target.createTarget", ["url": "about:blank"])
        let attached = try await browser.send(
            "Target.attachToTarget",
            ["targetId": target["targetId"] ?? .null, "flatten": true]
        )
        session = try #require(attached["sessionId"]?.string)
        for domain in ["Page", "Runtime", "Log", "Network"] { try await send("\(domain).enable") }
        try await resize(width, height)
    }

    /// Serves the results of `source`, and hands a page that shows them to `body`, which must cause no remark of the
    /// browser: no error of the script, nothing that the policy had to stop.
    static func show(
        _ source: KnownResults,
        at path: String = "/status",
        _ body: @escaping @Sendable (BrowserPage, String) async throws -> Void
    ) async throws {
        try await ServedEndpoints.with(Endpoint.results(source) + Endpoint.statusPage(source)) { port in
            try await Browser.with { browser in
                let page = try await BrowserPage(browser)
                let address = "http://127.0.0.1:\(port)"
                try await page.open(address + path)
                try await body(page, address)
                #expect(page.remarks == [])
            }
        }
    }

    /// Exceptions of scripts, and what the browser logged as an error or a violation of the policy.
    var remarks: [String] {
        let logged = browser.events("Log.entryAdded").compactMap { $0.value(at: "params", "entry") }
            // A server that is not there, or does not know yet, is what some tests are about.
            .filter { $0["level"] == "error" && $0["source"] != "network" }
        return (browser.events("Runtime.exceptionThrown") + logged).map { JSONSerializer().string($0) }
    }

    /// Takes what was remarked so far as expected.
    func forgetRemarks() { browser.forgetEvents() }

    @discardableResult
    func send(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> JSONValue {
        try await browser.send(method, parameters, session: session)
    }

    func resize(_ width: Int, _ height: Int, scale: Int64 = 1) async throws {
        try await send(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(width)), "height": .integer(Int64(height)),
                "deviceScaleFactor": .integer(scale), "mobile": false,
            ]
        )
    }

    /// Says which theme the person prefers, `light` or `dark`.
    func prefer(_ theme: String) async throws {
        try await send(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": .string(theme)]]]
        )
    }

    /// Goes to an address and waits until its scripts have begun.
    func open(_ address: String) async throws {
        try await send("Page.navigate", ["url": .string(address)])
        try await wait("document.readyState === 'complete' && location.href !== 'about:blank'")
    }

    /// Answers the browser's questions for a name and a password, as a person does, until cancelled; `Fetch.enable` has it
    /// ask.
    func giveCredentials(_ name: String, _ password: String) async throws {
        var answered: Set<String> = []
        while !Task.isCancelled {
            for (kind, method) in [
                ("Fetch.requestPaused", "continueRequest"), ("Fetch.authRequired", "continueWithAuth"),
            ] {
                for event in browser.events(kind) {
                    guard let request = event.value(at: "params", "requestId")?.string,
                        answered.insert("\(kind) \(request)").inserted
                    else { continue }
                    var parameters: [String: JSONValue] = ["requestId": .string(request)]
                    if method == "continueWithAuth" {
                        parameters["authChallengeResponse"] = [
                            "response": "ProvideCredentials", "username": .string(name), "password": .string(password),
                        ]
                    }
                    try await send("Fetch.\(method)", parameters)
                }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The value of an expression, awaited if it is a promise.
    @discardableResult
    func value(_ expression: String) async throws -> JSONValue {
        let outcome = try await send(
            "Runtime.evaluate",
            ["expression": .string(expression), "awaitPromise": true, "returnByValue": true]
        )
        if let details = outcome["exceptionDetails"] {
            throw Browser.Failure(description: "\(expression): \(JSONSerializer().string(details))")
        }
        return outcome.value(at: "result", "value") ?? .null
    }

    /// The text that an expression has.
    func text(_ expression: String) async throws -> String { try await value(expression).string ?? "" }

    /// Waits until an expression holds, two minutes at most.
    func wait(_ condition: String, _ location: SourceLocation = #_sourceLocation) async throws {
        let limit = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < limit {
            // While a page is exchanged for another, there is nobody to answer.
            if (try? await value("Boolean(\(condition))")) == true { return }
            try await Task.sleep(for: .milliseconds(30))
        }
        let shown = try await text("document.body.innerText.slice(0, 2000)")
        Issue.record("\(condition) did not come to hold; the page shows:\n\(shown)", sourceLocation: location)
        throw Browser.Failure(description: condition)
    }

    /// Presses a key, such as `Tab`, `Enter` or `/`.
    func press(_ key: String) async throws {
        let codes: [String: Int64] = ["Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "/": 191]
        var parameters: [String: JSONValue] = [
            "type": "keyDown", "key": .string(key), "windowsVirtualKeyCode": .integer(codes[key] ?? 0),
        ]
        if key.count == 1 { parameters["text"] = .string(key) }
        if key == "Enter" { parameters["text"] = "\r" }
        try await send("Input.dispatchKeyEvent", parameters)
        parameters["type"] = "keyUp"
        parameters["text"] = nil
        try await send("Input.dispatchKeyEvent", parameters)
    }

    /// Types a text into what has the focus.
    func type(_ text: String) async throws { try await send("Input.insertText", ["text": .string(text)]) }

    /// Chooses an entry of a list.
    ///
    /// - Returns: what is chosen then; empty where the list has no such entry.
    func choose(_ entry: String, of id: String) async throws -> JSONValue {
        try await value(
            """
            (() => { const list = document.getElementById(\(JSONSerializer().string(.string(id)))); \
            list.value = \(JSONSerializer().string(.string(entry))); \
            list.dispatchEvent(new Event('change', {bubbles: true})); return list.value; })()
            """
        )
    }

    /// Clicks in the middle of an element, wherever it is.
    func click(_ selector: String) async throws {
        let place = try await value(
            """
            (() => { const e = document.querySelector(\(JSONSerializer().string(.string(selector)))); \
            e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); \
            return [Math.round(r.left + r.width / 2), Math.round(r.top + r.height / 2)]; })()
            """
        )
        let (x, y) = (place.array?.first ?? 0, place.array?.last ?? 0)
        for type in ["mousePressed", "mouseReleased"] {
            try await send(
                "Input.dispatchMouseEvent",
                ["type": .string(type), "x": x, "y": y, "button": "left", "clickCount": 1]
            )
        }
    }

    /// What the page looks like, as a PNG.
    func picture() async throws -> [UInt8] {
        let answer = try await send("Page.captureScreenshot", ["format": "png"])
        let text = try #require(answer["data"]?.string)
        return Array(try #require(Data(base64Encoded: text)))
    }

    /// Keeps what the page looks like where `VIGIL_SCREENSHOTS` says, if it says so.
    func keepPicture(_ name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["VIGIL_SCREENSHOTS"] else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(try await picture()).write(to: URL(filePath: "\(folder)/\(name).png"))
    }
}
