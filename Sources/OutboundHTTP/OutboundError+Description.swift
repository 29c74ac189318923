internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension OutboundError {
    /// What a failure of the libraries below means, in a person's words.
    static func describing(_ error: any Error, of peer: ExchangePeer) -> OutboundError {
        let (host, tls) = (peer.name, peer.tls)
        switch error {
        case let error as OutboundError:
            return error
        case is CancellationError:
            return OutboundError(.cancelled, "the request to \(host) was cancelled")
        case let error as HTTPClientError:
            return describing(error, peer)
        case let error as NIOConnectionError:
            return describing(error, peer)
        case let error as NIOSSLError:
            return describing(error, host: host, tls: tls)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return wrongName(of: peer)
        case let error as BoringSSLError:
            return describing(error, host: host, tls: tls)
        case is NIOSSLExtraError:
            return OutboundError(.insecure, "TLS with \(host) failed: \(error)")
        case HTTPParserError.invalidEOFState:
            return OutboundError(.connectionLost, "\(host) closed the connection before the answer was complete")
        case is HTTPParserError:
            return OutboundError(.malformed, "\(host) sent something that is not HTTP")
        case let error as IOError where Self.meansUnreachable.contains(error.errnoCode):
            return OutboundError(
                .unreachable,
                "\(peer.entrance) cannot be reached: \(words(forErrno: error.errnoCode))"
            )
        case let error as IOError:
            return OutboundError(
                .connectionLost,
                "the connection to \(host) broke: \(words(forErrno: error.errnoCode))"
            )
        case let error as ChannelError:
            return describing(error, peer)
        default:
            return OutboundError(.connectionLost, "the connection to \(host) broke: \(type(of: error))")
        }
    }

    /// A certificate that is trusted, but is not the peer's.
    static func wrongName(of peer: ExchangePeer, _ held: String? = nil) -> OutboundError {
        OutboundError(
            .insecure,
            "the certificate of \(peer.name) was issued for another name than \(peer.host)"
                + "\(held.map { ": \($0)" } ?? ""); ask for a name that it holds"
        )
    }

    private static func describing(_ error: ChannelError, _ peer: ExchangePeer) -> OutboundError {
        if case .connectTimeout(let amount) = error {
            return OutboundError(
                .unreachable,
                "\(peer.entrance) did not accept a connection within \(Duration.nanoseconds(amount.nanoseconds).inWords)"
            )
        }
        return OutboundError(
            .connectionLost,
            "the connection to \(peer.name) was closed before the answer was complete"
        )
    }

    private static func describing(_ error: HTTPClientError, _ peer: ExchangePeer) -> OutboundError {
        let host = peer.name
        return switch error {
        case .cancelled, .requestStreamCancelled:
            OutboundError(.cancelled, "the request to \(host) was cancelled")
        case .alreadyShutdown:
            OutboundError(.shutDown, "the request to \(host) came after the client was shut down")
        case .connectTimeout:
            OutboundError(.unreachable, peer.lateness)
        case .tlsHandshakeTimeout:
            OutboundError(.unreachable, "\(host) did not complete the TLS handshake in time")
        case .getConnectionFromPoolTimeout:
            OutboundError(.timedOut, "no connection to \(host) became free in time")
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            OutboundError(.timedOut, "\(host) did not answer in time")
        case .remoteConnectionClosed, .uncleanShutdown:
            OutboundError(.connectionLost, "\(host) closed the connection before the answer was complete")
        case .invalidURL, .emptyHost, .emptyScheme:
            OutboundError(.invalidRequest, "the URL of a request to \(host) cannot be sent")
        default:
            describingUncommon(error, host: host)
        }
    }

    private static func describingUncommon(_ error: HTTPClientError, host: String) -> OutboundError {
        // These carry the offending field, which may hold a credential: only the kind is told.
        switch error.shortDescription {
        case "Invalid header field names", "Invalid header field values":
            OutboundError(.invalidRequest, "a header field of the request to \(host) holds a character it must not")
        default:
            OutboundError(.malformed, "the exchange with \(host) failed: \(error.shortDescription)")
        }
    }

    private static func describing(_ error: NIOConnectionError, _ peer: ExchangePeer) -> OutboundError {
        let host = peer.entrance
        if error.connectionErrors.isEmpty, error.dnsAError != nil || error.dnsAAAAError != nil {
            return OutboundError(.unreachable, "the name \(error.host) of \(host) is not known to the resolver")
        }
        let causes = error.connectionErrors.map { failure -> String in
            switch failure.error {
            case let error as IOError: words(forErrno: error.errnoCode)
            case ChannelError.connectTimeout: "no answer in time"
            default: "\(type(of: failure.error))"
            }
        }
        let cause = Set(causes).sorted().prefix(3).joined(separator: ", ")
        let target =
            "\(error.host):\(error.port)" == host || error.host == host || peer.proxy != nil
            ? host : "\(error.host):\(error.port)"
        let via = target == host ? "" : " (on the way to \(host))"
        return OutboundError(.unreachable, "\(target)\(via) cannot be reached: \(cause.isEmpty ? "no address" : cause)")
    }

    private static func describing(_ error: NIOSSLError, host: String, tls: TLSSettings) -> OutboundError {
        switch error {
        case .handshakeFailed(let cause):
            return describing(cause, host: host, tls: tls)
        case .unableToValidateCertificate, .noCertificateToValidate:
            return OutboundError(.insecure, "the certificate of \(host) cannot be checked: \(tls.remedy)")
        case .uncleanShutdown:
            return OutboundError(.connectionLost, "\(host) closed the connection before the answer was complete")
        default:
            return OutboundError(.insecure, "TLS with \(host) failed")
        }
    }

    /// BoringSSL has no codes to compare with, only texts.
    ///
    /// A client certificate that was refused is told by an alert after the handshake (TLS 1.3).
    private static func describing(_ error: BoringSSLError, host: String, tls: TLSSettings) -> OutboundError {
        let text = "\(error)".uppercased()
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return OutboundError(.notTLS, "\(host) does not speak TLS on that port: it looks like plain HTTP")
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return OutboundError(.insecure, "the certificate of \(host) is not trusted: \(tls.remedy)")
        }
        let alerts = ["CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_UNKNOWN"]
        if alerts.contains(where: text.contains) {
            let cause = tls.identity == nil ? "asks for a client certificate" : "refused the client certificate"
            return OutboundError(.insecure, "\(host) \(cause)")
        }
        return OutboundError(.insecure, "TLS with \(host) failed: \(reason(in: text))")
    }

    /// The last field of BoringSSL's `error:…:library:function:REASON`.
    private static func reason(in text: String) -> String {
        let words = text.split { !($0.isLetter || $0 == "_") }.filter { $0.count > 8 && $0.contains("_") }
        guard let word = words.last else { return "no reason given" }
        return String(word.map { $0 == "_" ? " " : $0 }).lowercased()
    }

    private static let meansUnreachable: Set = [
        ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EMFILE, ENFILE,
    ]

    private static func words(forErrno code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "reset by the other side"
        case EHOSTUNREACH, ENETUNREACH: "no route to it"
        case ETIMEDOUT: "no answer in time"
        case EADDRNOTAVAIL: "no local address for it"
        case EMFILE, ENFILE: "too many open files here"
        default: "system error \(code)"
        }
    }
}

extension TLSSettings {
    /// What to do when a server's certificate is not trusted.
    fileprivate var remedy: String {
        switch roots {
        case .system:
            "it is expired, self-signed, or its authority is not among the system's; if the server is right, add the "
                + "CA certificate that issued it"
        case .systemAnd:
            "it is expired, or issued neither by an authority of the system nor by an added CA certificate; add the one "
                + "that issued it"
        case .only:
            "it is expired, or not issued by any of the configured CA certificates; configure the one that issued it"
        }
    }
}
