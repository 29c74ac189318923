import SigningTestKit

/// How many signatures `openssl speed` verifies in a second of one core, by kind of key.
struct OpenSSLSpeed: Sendable {
    /// Verifications a second.
    let rates: [TestKey.Kind: Double]

    /// Its names of the kinds that sign envelopes.
    static let names: [(kind: TestKey.Kind, name: String)] = [
        (.rsa2048, "rsa2048"), (.rsa3072, "rsa3072"), (.rsa4096, "rsa4096"), (.p256, "ecdsap256"),
        (.p384, "ecdsap384"), (.p521, "ecdsap521"),
    ]

    /// The arguments that measure all of them for so many seconds each.
    static func arguments(seconds: Int) -> [String] {
        ["speed", "-seconds", String(seconds), "-mr"] + names.map(\.name)
    }

    /// Reads what `openssl speed -mr` writes: `+F2:index:bits:signs:verifies` for RSA, `+F4:` for ECDSA.
    init(_ output: String) {
        var rates: [TestKey.Kind: Double] = [:]
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 5, let bits = Int(fields[2]), let rate = Double(fields[4]),
                let kind = Self.kind(of: fields[0], bits: bits)
            else { continue }
            rates[kind] = rate
        }
        self.rates = rates
    }

    private static func kind(of prefix: Substring, bits: Int) -> TestKey.Kind? {
        switch (prefix, bits) {
        case ("+F2", 2048): .rsa2048
        case ("+F2", 3072): .rsa3072
        case ("+F2", 4096): .rsa4096
        case ("+F4", 256): .p256
        case ("+F4", 384): .p384
        case ("+F4", 521): .p521
        default: nil
        }
    }
}
