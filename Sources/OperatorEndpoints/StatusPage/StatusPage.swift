import HTTPTypes
import TrustModel
import TrustResources

extension Endpoint {
    /// The page for people at `/status`, with what it is made of below that.
    ///
    /// The page is static but for the totals, which are there without JavaScript too; everything else it reads from
    /// `/api/v1`. It loads nothing from elsewhere, and its policy lets nothing in.
    static func statusPage(_ source: any ResultsSource) -> [Endpoint] {
        [
            Endpoint(path: "/status") { _ in
                StatusPage.answer("text/html; charset=utf-8", StatusPage.html(of: source))
            },
            StatusPage.asset("/status/status.css", "text/css; charset=utf-8", PackageResources.status_css),
            StatusPage.asset("/status/status.js", "text/javascript; charset=utf-8", PackageResources.status_js),
            // Relative, so that they lead right behind a proxy too that shows all this below a path of its own.
            StatusPage.redirection("/", to: "status"),
            StatusPage.redirection("/status/", to: "../status"),
        ]
    }
}

/// What the page is made of, and what it may do in a browser.
enum StatusPage {
    /// Scripts and styles from here alone, none inline, and no way for a script to make markup out of text; nothing may
    /// frame the page, and it sends nothing anywhere.
    static let contentSecurityPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """

    private static let headers: HTTPFields = {
        var headers: HTTPFields = [.contentSecurityPolicy: contentSecurityPolicy]
        let others = [
            ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        for (name, value) in others {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }()

    private static let template = String(decoding: PackageResources.status_html, as: UTF8.self)

    /// The page with the totals of this moment; dashes stand for them until they are known.
    static func html(of source: any ResultsSource) -> [UInt8] {
        let counts = source.revision.map {
            ResultsSummary(snapshot: source.snapshot(), isCurrent: $0.isCurrent).running
        }
        var page = template
        for verdict in Verdict.allCases.map(Optional.some) + [nil] {
            let name = (verdict?.rawValue ?? ImagesQuery.noVerdict).lowercased()
            page = page.replacing("{{\(name)}}", with: counts.map { "\($0[verdict])" } ?? "–")
        }
        return Array(page.utf8)
    }

    static func answer(_ contentType: String, _ body: [UInt8]) -> Endpoint.Answer {
        Endpoint.Answer(contentType: contentType, headers: headers, body: body)
    }

    static func asset(_ path: String, _ contentType: String, _ body: [UInt8]) -> Endpoint {
        let tag = AnswerTags.tag(of: body)
        return Endpoint(path: path, right: "/status") { query in
            var answer = answer(contentType, body)
            answer.headers[.eTag] = tag
            if AnswerTags.isKnown(tag, to: query.ifNoneMatch) { (answer.status, answer.body) = (.notModified, []) }
            return answer
        }
    }

    static func redirection(_ path: String, to target: String) -> Endpoint {
        Endpoint(path: path, right: "/status") { _ in
            Endpoint.Answer(
                status: .temporaryRedirect,
                headers: [.location: target],
                body: Array("the page is at \(target)\n".utf8)
            )
        }
    }
}
