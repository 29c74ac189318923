internal import KubernetesAPI

/// Documents that depend on the registry alone, kept until it changes.
struct DiscoveryCache {
    private var revision = -1
    private var documents: [String: APIResponse] = [:]

    /// The document of a name, made anew when the registry has changed.
    mutating func document(_ name: String, revision: Int, _ make: () -> APIResponse?) -> APIResponse? {
        if revision != self.revision {
            documents = [:]
            self.revision = revision
        }
        if let known = documents[name] { return known }
        let document = make()
        documents[name] = document
        return document
    }

    /// A tag that differs when the bytes do (FNV-1a, 64 bits, as upper-case hex).
    static func tag(_ bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let text = String(hash, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 16 - text.utf8.count)) + text
    }
}
