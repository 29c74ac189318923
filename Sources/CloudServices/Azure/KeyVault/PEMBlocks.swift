/// The blocks of a PEM text in a vault's secret: its certificates, and whether there was a private key.
///
/// Keys are not kept.
struct PEMBlocks {
    /// The blocks with certificates, as PEM text.
    let certificates: [UInt8]
    /// Whether one of the others holds a private key.
    let hasPrivateKey: Bool

    init(_ text: String) {
        var kept: [UInt8] = []
        var hasKey = false
        var isCertificate = false
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.starts(with: "-----BEGIN ".utf8) {
                isCertificate = line.elementsEqual("-----BEGIN CERTIFICATE-----".utf8)
            }
            // Wherever in a line it stands: what follows is a key.
            if Self.namesKey(line) { (isCertificate, hasKey) = (false, true) }
            if isCertificate {
                kept += line
                kept.append(0x0A)
            }
            if line.starts(with: "-----END ".utf8) { isCertificate = false }
        }
        certificates = kept
        hasPrivateKey = hasKey
    }

    private static func namesKey(_ line: Substring.UTF8View) -> Bool {
        line.contains(UInt8(ascii: "V")) && String(Substring(line)).contains("PRIVATE KEY")
    }
}
