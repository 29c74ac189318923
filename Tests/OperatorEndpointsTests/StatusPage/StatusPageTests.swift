import Foundation
import HTTPTypes
import Testing
import TrustModel

@testable import OperatorEndpoints

/// What a browser is given, and what it may do with it.
@Suite("Status page")
struct StatusPageTests {
    private let source = KnownResults([
        SampleImages.image(1), SampleImages.image(2), SampleImages.image(3, .untrusted), SampleImages.absent(4),
        SampleImages.image(5, .untrusted, pods: 0, isGate: true),
    ])

    private func answer(_ path: String, tag: String? = nil) async throws -> Endpoint.Answer {
        let endpoint = try #require(Endpoint.statusPage(source).first { $0.path == path })
        return await endpoint.answer(Endpoint.Query(ifNoneMatch: tag))
    }

    private func text(_ path: String) async throws -> String {
        String(decoding: try await answer(path).body, as: UTF8.self)
    }

    @Test("totals stand in the page itself, and are dashes until they are known")
    func totals() async throws {
        let page = try await text("/status")
        for (verdict, count) in [("Untrusted", 1), ("Trusted", 2), ("None", 1), ("Unknown", 0), ("Unsupported", 0)] {
            let card = try #require(page.range(of: "data-verdict=\"\(verdict)\""))
            let rest = page[card.upperBound...].prefix(120)
            #expect(rest.contains("<span class=\"count\">\(count)</span>"), "\(verdict): \(rest)")
        }
        #expect(!page.contains("{{"))
        source.set(isComplete: false)
        #expect(try await text("/status").contains("<span class=\"count\">–</span>"))
    }

    @Test("the policy lets in what is served here, and nothing else", arguments: ["/status", "/status/status.js"])
    func policy(_ path: String) async throws {
        let headers = try await answer(path).headers
        let policy = try #require(headers[.contentSecurityPolicy])
        let rules = policy.split(separator: ";").map { $0.trimmingPrefix(" ") }
        for rule in [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
            "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ] { #expect(rules.contains { $0 == rule }, "\(rule)") }
        #expect(rules.count == 10 && !policy.contains("unsafe"))
        #expect(headers[try #require(HTTPField.Name("Referrer-Policy"))] == "no-referrer")
        #expect(headers[try #require(HTTPField.Name("X-Frame-Options"))] == "DENY")
    }

    @Test("nothing comes from elsewhere, nothing is inline, and no text becomes markup")
    func assets() async throws {
        let (page, script, style) =
            (try await text("/status"), try await text("/status/status.js"), try await text("/status/status.css"))
        let addresses = page.matches(of: /(?:src|href)="([^"]*)"/).map { String($0.1) }
        for address in addresses where !address.hasPrefix("data:image/svg+xml,") {
            #expect(!address.contains(":") && !address.hasPrefix("/"), "\(address)")
        }
        #expect(page.matches(of: /<script/).count == 1 && !page.contains("<style") && !page.contains(" style="))
        #expect(page.firstMatch(of: /\son[a-z]+=/) == nil)
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("] {
            #expect(!script.contains(word), "\(word)")
        }
        for text in [script, style] { #expect(!text.contains("http:") && !text.contains("https:")) }
        #expect(!style.contains("@import") && !style.contains("url("))
    }

    @Test("what the page is made of is kept by browsers as long as it is the same")
    func caching() async throws {
        let first = try await answer("/status/status.css")
        #expect(first.contentType == "text/css; charset=utf-8" && !first.body.isEmpty)
        let tag = try #require(first.headers[.eTag])
        #expect(try await answer("/status/status.css", tag: tag).status == .notModified)
        #expect(try await answer("/status/status.js", tag: tag).status == .ok)
    }

    @Test("other ways in lead to the page, below any path", arguments: [("/", "status"), ("/status/", "../status")])
    func redirection(_ path: String, _ target: String) async throws {
        let answer = try await answer(path)
        #expect(answer.status == .temporaryRedirect && answer.headers[.location] == target)
    }
}
