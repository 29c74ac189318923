import EmbeddedRegistry
import JSONModel
import OCIModel
import OCIRegistry
import Testing

/// Something that a hostile registry does, and the error that it must end in.
struct Attack: Sendable, CustomTestStringConvertible {
    /// What the client is asked for while it happens.
    enum Call: Sendable {
        case tag
        case digest
        case blob
        case referrers
    }

    /// What happens.
    struct Fault: Sendable {
        let effect: RegistryFault.Effect
        let target: String
        var times: Int?
    }

    let name: String
    let call: Call
    /// The error, and what its message must say.
    let code: RegistryError.Code
    let words: String
    /// How long a request may take: short where only that ends it.
    let timeout: Duration
    /// What is done, given the other host that the attacker has, `localhost:port`.
    let faults: @Sendable (String) -> [Fault]

    var testDescription: String { name }

    init(
        _ name: String,
        on call: Call,
        endsIn code: RegistryError.Code,
        saying words: String = "",
        timeout: Duration = .seconds(60),
        _ faults: @escaping @Sendable (String) -> [Fault]
    ) {
        self.name = name
        self.call = call
        self.code = code
        self.words = words
        self.timeout = timeout
        self.faults = faults
    }

    /// An attack of one effect on what the call asks for.
    init(
        _ name: String,
        on call: Call,
        endsIn code: RegistryError.Code,
        saying words: String = "",
        timeout: Duration = .seconds(60),
        by effect: RegistryFault.Effect
    ) {
        self.init(name, on: call, endsIn: code, saying: words, timeout: timeout) { _ in
            [Fault(effect: effect, target: call.target)]
        }
    }
}

extension Attack.Call {
    /// What the targets of its requests contain.
    var target: String {
        switch self {
        case .tag, .digest: "/manifests/"
        case .blob: "/blobs/"
        case .referrers: "/referrers/"
        }
    }
}

// MARK: - What attackers do

extension Attack {
    /// All of it.
    static let all = endless + headers + redirects + tokens + content

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let part = Array(repeating: UInt8(ascii: " "), count: 64 << 10)

    private static func endlessBody(status: String = "200 OK", type: String) -> RegistryFault.Effect {
        .endless(bytes("HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\n\r\n"), then: part)
    }

    /// An entry of a list, with the comma behind it.
    private static let entry: [UInt8] = {
        var descriptor = Descriptor(of: bytes("one of many"), mediaType: .ociManifest)
        descriptor.artifactType = .notarySignature
        return JSONSerializer().bytes(descriptor.json) + bytes(",")
    }()

    private static let listBegins = #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":["#

    /// Well-formed as far as it goes, and it goes on.
    private static let endlessIndex = RegistryFault.Effect.endless(
        bytes("HTTP/1.1 200 OK\r\ncontent-type: \(MediaType.ociIndex)\r\n\r\n\(listBegins)"),
        then: Array(repeatElement(entry, count: 256).joined())
    )

    /// The same without a length that could be known.
    private static let endlessChunks = RegistryFault.Effect.endless(
        bytes(
            "HTTP/1.1 200 OK\r\ncontent-type: \(MediaType.ociIndex)\r\ntransfer-encoding: chunked\r\n\r\n"
                + "\(String(listBegins.utf8.count, radix: 16))\r\n\(listBegins)\r\n"
        ),
        then: bytes("\(String(entry.count, radix: 16))\r\n") + entry + bytes("\r\n")
    )

    /// Bodies and lists without end.
    private static let endless: [Attack] = [
        Attack(
            "an endless manifest",
            on: .tag,
            endsIn: .tooLarge,
            by: endlessBody(type: MediaType.ociManifest.rawValue)
        ),
        Attack(
            "an endless manifest asked for by digest",
            on: .digest,
            endsIn: .tooLarge,
            by: endlessBody(type: MediaType.ociManifest.rawValue)
        ),
        Attack(
            "an endless blob",
            on: .blob,
            endsIn: .digestMismatch,
            saying: "more than the 18 bytes",
            by: endlessBody(type: "application/octet-stream")
        ),
        Attack(
            "an endless page of a list",
            on: .referrers,
            endsIn: .tooLarge,
            by: endlessBody(type: MediaType.ociIndex.rawValue)
        ),
        Attack("an index that lists without end", on: .tag, endsIn: .tooLarge, by: endlessIndex),
        Attack(
            "an index that lists without end, asked for by digest",
            on: .digest,
            endsIn: .tooLarge,
            by: endlessIndex
        ),
        Attack("a page that lists referrers without end", on: .referrers, endsIn: .tooLarge, by: endlessIndex),
        Attack("a page that lists without end, in chunks", on: .referrers, endsIn: .tooLarge, by: endlessChunks),
        Attack("an endless token", on: .tag, endsIn: .tooLarge) { _ in
            [Fault(effect: endlessBody(type: "application/json"), target: "/token")]
        },
        Attack(
            "an endless explanation of an error",
            on: .tag,
            endsIn: .serverError,
            by: endlessBody(status: "500 Internal Server Error", type: "application/json")
        ),
        Attack("an endless refusal by the token service", on: .tag, endsIn: .forbidden) { _ in
            [Fault(effect: endlessBody(status: "403 Forbidden", type: "application/json"), target: "/token")]
        },
        Attack(
            "a body that is announced as larger than any memory",
            on: .tag,
            endsIn: .tooLarge,
            by: .raw(bytes("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9000000000000000000\r\n\r\nx"))
        ),
        Attack(
            "a body that comes byte by byte",
            on: .tag,
            endsIn: .timedOut,
            timeout: .seconds(2),
            by: .drip(every: .milliseconds(500))
        ),
        Attack("no answer at all", on: .tag, endsIn: .timedOut, timeout: .seconds(2), by: .hang),
        Attack("a list of ten thousand signatures", on: .referrers, endsIn: .tooLarge, saying: "more than 1000") { _ in
            let listed = (0..<10_000).map { number in
                var descriptor = Descriptor(of: bytes("\(number)"), mediaType: .ociManifest)
                descriptor.artifactType = .notarySignature
                return descriptor
            }
            return [Fault(effect: .replaceBody(RegistryFixture.index(listed)), target: "/referrers/")]
        },
        Attack("a list of pages in a circle", on: .referrers, endsIn: .malformed, saying: "in a circle") { _ in
            [Fault(effect: .setHeader("link", "<?last=1>; rel=\"next\""), target: "/referrers/")]
        },
    ]

    /// What is not the body: fields, chunks, other answers before the answer.
    private static let headers: [Attack] = [
        Attack(
            "header fields without end",
            on: .tag,
            endsIn: .malformed,
            by: .endless(
                bytes("HTTP/1.1 200 OK\r\n"),
                then: bytes("x-flood: \(String(repeating: "a", count: 1000))\r\n")
            )
        ),
        Attack(
            "a header field without end",
            on: .tag,
            endsIn: .malformed,
            by: .endless(
                bytes("HTTP/1.1 200 OK\r\nx-flood: "),
                then: Array(repeating: UInt8(ascii: "a"), count: 64 << 10)
            )
        ),
        Attack(
            "a status line without end",
            on: .tag,
            endsIn: .timedOut,
            timeout: .seconds(3),
            by: .endless(bytes("HTTP/1.1 200 "), then: Array(repeating: UInt8(ascii: "a"), count: 1 << 10))
        ),
        Attack(
            "fields without end behind the body",
            on: .tag,
            endsIn: .malformed,
            by: .endless(
                bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"),
                then: bytes("x-flood: \(String(repeating: "a", count: 1000))\r\n")
            )
        ),
        Attack(
            "preliminary answers without end",
            on: .tag,
            endsIn: .timedOut,
            timeout: .seconds(3),
            by: .endless([], then: bytes("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"))
        ),
        Attack(
            "a chunk of a size that no number holds",
            on: .tag,
            endsIn: .malformed,
            by: .raw(
                bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\(String(repeating: "f", count: 40))\r\nx")
            )
        ),
        Attack(
            "two lengths",
            on: .tag,
            endsIn: .malformed,
            by: .raw(bytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}    "))
        ),
        Attack("no HTTP", on: .tag, endsIn: .malformed, by: .raw(bytes("SSH-2.0-OpenSSH_9.9\r\n"))),
        Attack("a field that says two types", on: .tag, endsIn: .malformed) { _ in
            [
                Fault(
                    effect: .raw(
                        bytes(
                            "HTTP/1.1 200 OK\r\ncontent-type: \(MediaType.ociManifest)\r\ncontent-type: "
                                + "\(MediaType.ociIndex)\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
                        )
                    ),
                    target: "/manifests/"
                )
            ]
        },
        Attack("a pause of a thousand years", on: .tag, endsIn: .throttled) { _ in
            [
                Fault(
                    effect: .answer(status: 429, headers: [("retry-after", "31536000000")]),
                    target: "/manifests/",
                    times: 1
                )
            ]
        },
        Attack(
            "nothing changed, where nothing was known",
            on: .tag,
            endsIn: .malformed,
            by: .answer(status: 304, headers: [("etag", "\"x\"")])
        ),
    ]

    /// Ways to other hosts.
    private static let redirects: [Attack] = [
        Attack("a redirect to another host", on: .blob, endsIn: .repositoryNotFound) { thief in
            [Fault(effect: RegistryFault.redirect(to: "http://\(thief)/v2/x/y/blobs/z"), target: "/blobs/")]
        },
        Attack("a redirect to another host, which wants credentials", on: .blob, endsIn: .forbidden) { thief in
            [Fault(effect: RegistryFault.redirect(to: "http://\(thief)/basic"), target: "/blobs/")]
        },
        Attack("a redirect to another host without its scheme", on: .tag, endsIn: .repositoryNotFound) { thief in
            [
                Fault(
                    effect: RegistryFault.redirect(to: "//\(thief)/v2/x/y/manifests/z", status: 301),
                    target: "/manifests/"
                )
            ]
        },
        Attack("redirects in a circle", on: .tag, endsIn: .malformed, saying: "too often") { _ in
            [Fault(effect: RegistryFault.redirect(to: "/v2/shop/web/manifests/v1"), target: "/manifests/")]
        },
        link("a redirect to a metadata service", "http://169.254.169.254/latest/meta-data/", .insecure),
        link("a redirect to a metadata service in version 6", "http://[fe80::a9fe:a9fe]/", .insecure),
        link("a redirect to a metadata service in disguise", "http://2852039166/", .malformed),
        link("a redirect to a metadata service in disguise, in hexadecimal", "http://0xa9.0xfe.0xa9.0xfe/", .malformed),
        link("a redirect to a file", "file:///etc/passwd", .malformed),
        link("a redirect that brings credentials", "http://root:hunter2@localhost/", .malformed),
        link("a redirect to nowhere", "", .malformed),
        Attack("a next page at another host", on: .referrers, endsIn: .insecure, saying: "not to itself") { thief in
            [Fault(effect: .setHeader("link", "<http://\(thief)/v2/>; rel=\"next\""), target: "/referrers/")]
        },
        Attack("a next page at a metadata service", on: .referrers, endsIn: .insecure) { _ in
            [
                Fault(
                    effect: .setHeader("link", "<http://169.254.169.254/latest/>; rel=\"next\""),
                    target: "/referrers/"
                )
            ]
        },
        Attack("a next page at another port", on: .referrers, endsIn: .insecure) { _ in
            [Fault(effect: .setHeader("link", "<//127.0.0.1:1/v2/>; rel=next"), target: "/referrers/")]
        },
    ]

    private static func link(_ name: String, _ location: String, _ code: RegistryError.Code) -> Attack {
        Attack(name, on: .tag, endsIn: code, by: RegistryFault.redirect(to: location))
    }

    private static func challenge(_ words: String) -> RegistryFault.Effect {
        .answer(status: 401, headers: [("www-authenticate", words)])
    }

    /// Ways to have credentials sent.
    private static let tokens: [Attack] = [
        Attack("a token service at another host", on: .tag, endsIn: .unauthorized) { thief in
            [Fault(effect: challenge("Bearer realm=\"http://\(thief)/token\",service=\"x\""), target: "/manifests/")]
        },
        Attack("a token service at a metadata service", on: .tag, endsIn: .insecure) { _ in
            [Fault(effect: challenge("Bearer realm=\"http://169.254.169.254/token\""), target: "/manifests/")]
        },
        Attack("a token service that redirects to another host", on: .tag, endsIn: .malformed) { thief in
            [Fault(effect: RegistryFault.redirect(to: "http://\(thief)/token"), target: "/token")]
        },
        Attack("a challenge of many kilobytes", on: .tag, endsIn: .unauthorized) { _ in
            [
                Fault(
                    effect: challenge("Bearer realm=\"\(String(repeating: "a", count: 60_000))\""),
                    target: "/manifests/"
                )
            ]
        },
        Attack("a challenge that is never satisfied", on: .tag, endsIn: .unauthorized) { _ in
            [Fault(effect: challenge("Basic realm=\"x\""), target: "/manifests/")]
        },
        Attack("a token with another field in it", on: .tag, endsIn: .malformed) { _ in
            [Fault(effect: .replaceBody(bytes(#"{"token":"a\r\nhost: other"}"#)), target: "/token")]
        },
        Attack("a token in JSON of endless depth", on: .tag, endsIn: .malformed) { _ in
            [Fault(effect: .replaceBody(Array(repeating: UInt8(ascii: "["), count: 60_000)), target: "/token")]
        },
    ]

    /// What it serves.
    private static let content: [Attack] = [
        Attack(
            "other bytes than the digest says",
            on: .digest,
            endsIn: .digestMismatch,
            by: .replaceBody(bytes(#"{"schemaVersion":2}"#))
        ),
        Attack("other bytes than it announces", on: .tag, endsIn: .digestMismatch, by: .replaceBody(bytes("{}"))),
        Attack("another blob", on: .blob, endsIn: .digestMismatch, by: .replaceBody(bytes("layer of the imagf"))),
        Attack(
            "a digest that is none",
            on: .tag,
            endsIn: .malformed,
            by: .setHeader("docker-content-digest", "sha256:../x")
        ),
        Attack("an index and an image at once", on: .tag, endsIn: .malformed) { _ in
            let empty = Descriptor(of: bytes("{}"), mediaType: .ociEmpty).json
            let both: JSONValue = .object([
                "schemaVersion": .integer(2), "mediaType": .string(MediaType.ociManifest.rawValue), "config": empty,
                "layers": .array([]), "manifests": .array([]),
            ])
            let answer = RegistryFault.Effect.answer(
                status: 200,
                headers: [("content-type", MediaType.ociManifest.rawValue)],
                body: JSONSerializer().bytes(both)
            )
            return [Fault(effect: answer, target: "/manifests/")]
        },
        Attack("JSON of endless depth", on: .tag, endsIn: .malformed) { _ in
            let answer = RegistryFault.Effect.answer(
                status: 200,
                headers: [("content-type", MediaType.ociManifest.rawValue)],
                body: Array(repeating: UInt8(ascii: "["), count: 3 << 20)
            )
            return [Fault(effect: answer, target: "/manifests/")]
        },
        Attack("very many small values", on: .tag, endsIn: .malformed, saying: "more than 120000 values") { _ in
            let values = Array(repeating: "{}", count: 1 << 20).joined(separator: ",")
            let answer = RegistryFault.Effect.answer(
                status: 200,
                headers: [("content-type", MediaType.ociManifest.rawValue)],
                body: bytes("{\"schemaVersion\":2,\"x\":[\(values)]}")
            )
            return [Fault(effect: answer, target: "/manifests/")]
        },
        Attack("a compressed bomb", on: .tag, endsIn: .malformed, saying: "encoding gzip") { _ in
            [Fault(effect: bomb, target: "/manifests/")]
        },
        Attack("a compressed bomb for a list", on: .referrers, endsIn: .malformed, saying: "encoding gzip") { _ in
            [Fault(effect: bomb, target: "/referrers/")]
        },
        Attack("a body that breaks off", on: .blob, endsIn: .unreachable, by: .truncate(after: 5)),
        Attack("a connection that is closed", on: .blob, endsIn: .unreachable, by: .close),
        Attack("a connection that is reset", on: .blob, endsIn: .unreachable, by: .reset),
        Attack("a connection that is reset within a body", on: .blob, endsIn: .unreachable, by: .resetMidway),
    ]

    /// The beginning of a gigabyte of zeros, compressed: one block that ends, and one that repeats.
    private static let bomb = RegistryFault.Effect.answer(
        status: 200,
        headers: [("content-type", MediaType.ociIndex.rawValue), ("content-encoding", "gzip")],
        body: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xec, 0xc1, 0x01, 0x01] + Array(repeating: 0, count: 1 << 20)
    )
}
