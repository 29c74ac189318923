public import FoundationEssentials
public import NotaryVerification
public import OutboundHTTP
import SigningFormats

/// Asks OCSP responders and fetches revocation lists over HTTP.
///
/// Only `http` is asked, only hosts that ``RevocationAccess`` does not keep out, and redirects are followed only within that;
/// answers have limits of size and time. Nothing is tried twice and nothing is kept.
public struct NetworkRevocation: RevocationSource {
    private let http: any HTTPExchange
    private let access: RevocationAccess
    private let resolver: any HostResolver

    /// The time limits of the reference implementation (notation-core-go, `revocation`).
    private static let ocspTimeout: Duration = .seconds(2)
    private static let listTimeout: Duration = .seconds(5)
    /// How long an encoded request may be to travel in the URL (RFC 6960 appendix A.1).
    private static let longestGET = 255
    private static let maximumRedirects = 3

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - http: sends the requests.
    ///   - access: which hosts may be asked.
    ///   - resolver: finds out where names lead, before they are asked.
    public init(
        http: any HTTPExchange,
        access: RevocationAccess = RevocationAccess(),
        resolver: any HostResolver = SystemResolver()
    ) {
        self.http = http
        self.access = access
        self.resolver = resolver
    }

    /// See ``RevocationSource/answer(to:for:now:)``.
    public func answer(
        to request: RevocationRequest,
        for lookup: RevocationLookup,
        now: Date
    ) async -> RevocationAnswer {
        do throws(OutboundError) {
            let (exchange, limit) = try Self.exchange(for: request)
            return .bytes(try await send(exchange, limit: limit), receivedAt: now)
        } catch {
            return .failure(error.message)
        }
    }

    private static func exchange(
        for request: RevocationRequest
    ) throws(OutboundError) -> (OutboundRequest, BodyLimit) {
        let url = try OutboundURL(request.url)
        switch request {
        case .revocationList:
            let headers: HeaderFields = ["accept": "application/pkix-crl, */*;q=0.1"]
            let get = OutboundRequest(.get, url, headers: headers, timeout: listTimeout)
            return (get, .bytes(SigningLimits.revocationListBytes))
        case .ocsp(_, let der):
            let limit = BodyLimit.bytes(SigningLimits.ocspResponseBytes)
            let encoded = PercentEncoding.encode(Data(der).base64EncodedString())
            var headers: HeaderFields = ["accept": "application/ocsp-response"]
            if encoded.utf8.count < longestGET, url.query == nil {
                let folder = url.path.hasSuffix("/") ? url.path : url.path + "/"
                let target = try OutboundURL(scheme: url.scheme, authority: url.authority, path: folder + encoded)
                return (OutboundRequest(.get, target, headers: headers, timeout: ocspTimeout), limit)
            }
            headers["content-type"] = "application/ocsp-request"
            return (OutboundRequest(.post, url, headers: headers, body: der, timeout: ocspTimeout), limit)
        }
    }

    private func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> [UInt8] {
        var request = request
        for _ in 0...Self.maximumRedirects {
            request.address = try await address(for: request.url)
            let response = try await http.send(request, limit: limit)
            let host = request.url.authority
            if let location = response.headers["location"], (300..<400).contains(response.status),
                request.method == .get
            {
                request.url = try request.url.resolving(location)
                continue
            }
            guard response.status == 200 else {
                throw OutboundError(.malformed, "\(host) answered with status \(response.status)")
            }
            return response.body
        }
        throw OutboundError(.malformed, "\(request.url.authority) was reached by too many redirects")
    }

    /// The address to connect to; `nil` to leave that to the connection.
    private func address(for url: OutboundURL) async throws(OutboundError) -> IPAddress? {
        guard url.scheme == .http else {
            throw OutboundError(
                .invalidRequest,
                "\(url.authority) is to be asked over \(url.scheme.rawValue), not http"
            )
        }
        guard !access.allows(url) else { return nil }
        guard !url.isInternal else { throw Self.internalHost(url, "is") }
        guard access.proxies.proxy(for: url) == nil, url.address == nil else { return nil }
        // What was looked at is what is connected to: another query could have another answer.
        let address = try await resolver.address(of: url.host, port: url.port)
        guard !address.isInternal else { throw Self.internalHost(url, "leads to") }
        return address
    }

    private static func internalHost(_ url: OutboundURL, _ verb: String) -> OutboundError {
        OutboundError(
            .invalidRequest,
            "\(url.authority) \(verb) an address of the internal network, which certificates cannot send Vigil to; if it is "
                + "right, allow it with --revocation-allow-host \(url.bracketedHost):\(url.port)"
        )
    }
}
