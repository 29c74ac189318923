import JSONModel
import KubernetesAPI

@testable import KubernetesClient

/// What API servers answer, and the files that say how to reach them.
enum KubernetesTargets {
    static let all = [
        DecoderTarget("watch", watch),
        DecoderTarget("protobuf-watch", protobufWatch),
        DecoderTarget("object-list", objectList),
        DecoderTarget("kubernetes-status", status),
        DecoderTarget("discovery", discovery),
        .text("warning", warning),
        DecoderTarget("kubeconfig") { _ = try? KubeconfigReader.read($0, path: "config") },
        DecoderTarget("exec-credential") { bytes in
            for version in ExecCredentialPlugin.Version.allCases {
                guard let credential = try? ExecCredential(output: bytes, version: version) else { continue }
                try demand(credential.token != nil || credential.identity != nil, "a credential holds something")
            }
        },
    ]

    /// The first byte says how long the pieces are; the rest is the body of a watch.
    private static func watch(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        let lines = lines(body, piece: max(body.count, 1))
        try demand(lines == Self.lines(body, piece: Int(first) + 1), "where a body is cut does not decide its lines")
        for line in lines {
            try demand(!line.contains(0x0A), "a line has no line end in it")
            _ = try? WatchNotification<Pod>(line: line)
        }
    }

    private static func lines(_ body: [UInt8], piece: Int) -> [[UInt8]] {
        var decoder = WatchDecoder()
        var lines: [[UInt8]] = []
        for start in stride(from: 0, to: body.count, by: piece) {
            lines += (try? decoder.decode(Array(body[start..<min(start + piece, body.count)]))) ?? []
        }
        return lines
    }

    /// Every kind of field that is read.
    private static let shape = ProtobufShape.object(
        metadata: [ProtobufShape.Field(8, "time", .time), ProtobufShape.Field(11, "labels", .texts)],
        [
            ProtobufShape.Field(
                2,
                "spec",
                .message(
                    ProtobufShape([
                        ProtobufShape.Field(2, "list", .messages(ProtobufShape([ProtobufShape.Field(1, "name")]))),
                        ProtobufShape.Field(4, "number", .integer),
                        ProtobufShape.Field(
                            7,
                            "common",
                            .inlined(ProtobufShape([ProtobufShape.Field(1, "key"), ProtobufShape.Field(2, "value")]))
                        ),
                    ])
                )
            )
        ]
    )

    /// The first byte says how long the pieces are; the rest is the body of a watch in Protocol Buffers.
    private static func protobufWatch(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        let lines = frames(body, piece: max(body.count, 1))
        try demand(lines == frames(body, piece: Int(first) + 1), "where a body is cut does not decide its events")
        for line in lines where String(validating: line, as: UTF8.self) != nil {
            let isJSON = (try? JSONReader.read(line) { reader in try reader.skip() }) != nil
            try demand(isJSON, "what is written of an event is JSON")
            _ = try? WatchNotification<Pod>(line: line)
        }
    }

    private static func frames(_ body: [UInt8], piece: Int) -> [[UInt8]] {
        var decoder = WatchFrameDecoder(maximumFrameBytes: 1 << 20)
        var transcriber = ProtobufTranscriber(limit: 1 << 20)
        var lines: [[UInt8]] = []
        for start in stride(from: 0, to: body.count, by: piece) {
            let isRead: Void? = try? decoder.decode(Array(body[start..<min(start + piece, body.count)])) { frame in
                try transcriber.transcribe(event: frame, shape)
                lines.append(transcriber.json)
            }
            if isRead == nil { break }
        }
        return lines
    }

    /// The first byte says how long the pieces are; the rest is a list of pods.
    private static func objectList(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        let whole = list(body, piece: max(body.count, 1))
        try demand(whole == list(body, piece: Int(first) + 1), "where a body is cut does not decide what is in it")
    }

    /// What is in a list: a line for each element and one for the position; `nil` when it is none.
    private static func list(_ body: [UInt8], piece: Int) -> [String]? {
        var decoder = ListDecoder(ObjectReader<Pod>.whole, asked: "GET /api/v1/pods")
        var found: [String] = []
        do {
            for start in stride(from: 0, to: body.count, by: piece) {
                try decoder.take(Array(body[start..<min(start + piece, body.count)])) { element in
                    switch element {
                    case .object(let object): found.append("\(object.header.key)")
                    case .unreadable(let key, let cause): found.append("\(String(describing: key)) \(cause)")
                    }
                }
            }
            found.append("\(try decoder.finish())")
            return found
        } catch {
            return nil
        }
    }

    private static func status(_ bytes: [UInt8]) throws {
        let request = APIRequest(.get, "/api/v1/pods")
        for status in [200, 409, 503] {
            let response = APIResponse(status: status, body: bytes)
            let error = APIError(response, to: request)
            try demand(error.message.utf8.count <= 16 << 10, "a sentence is short")
            _ = APIError.hidden(in: response, asked: "GET /api/v1/pods")
        }
    }

    private static func discovery(_ bytes: [UInt8]) throws {
        guard let json = try? JSONParser().parse(bytes) else { return }
        let apps = GroupVersion(group: "apps", version: "v1")
        let aggregated = DiscoveryDocument.aggregated(json)
        let plain = DiscoveryDocument.resources(json, apps).map { [apps: GroupVersionReport.resources($0)] }
        let kinds = [aggregated != nil, plain != nil, DiscoveryDocument.groupVersions(json) != nil].count { $0 }
        try demand(kinds <= 1, "a document is of one form")
        guard let reports = aggregated ?? plain else { return }
        var index = DiscoveryIndex()
        index.update("/apis", reports)
        for resource in index.all {
            let name = resource.type.plural
            try demand(
                !name.isEmpty
                    && name.utf8.allSatisfy {
                        (0x2D...0x2E).contains($0) || (0x30...0x39).contains($0)
                            || (0x61...0x7A).contains($0)
                    },
                "a name can stand in a path"
            )
            try demand(!resource.type.kind.isEmpty, "a resource has a kind")
        }
        index.update("/apis", reports.mapValues { _ in .stale })
        var known = DiscoveryIndex()
        known.update("/apis", reports)
        try demand(Set(index.all) == Set(known.all), "what was known of a server that is away stays")
    }

    private static func warning(_ text: String) throws {
        try demand(WarningHeader.texts(text).count <= text.utf8.count, "texts are no more than there are bytes")
    }
}
