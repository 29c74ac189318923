import Foundation
import SigningTestKit

/// Lets the real `notation sign` sign, with keys and certificates made here.
struct ToolSigner: Sendable {
    let tools: Toolbox

    private var settings: String { tools.folder.home + "/.config/notation" }

    /// Makes the keys known to notation, named by their kinds.
    func prepare(_ cases: [DifferentialCase]) throws {
        var entries: [String: String] = [:]
        for case .notation(let signature) in cases.flatMap(\.signatures) {
            let name = signature.chain.key.rawValue
            guard entries[name] == nil else { continue }
            let chain = try signature.chain.make()
            let base = "\(settings)/localkeys/\(name)"
            try CaseFolder.write(chain.key.pem, to: base + ".key")
            try CaseFolder.write(chain.sent.certificates.map(\.pem).joined(), to: base + ".crt")
            entries[name] = "{\"name\": \"\(name)\", \"keyPath\": \"\(base).key\", \"certPath\": \"\(base).crt\"}"
        }
        let list = entries.sorted { $0.key < $1.key }.map(\.value).joined(separator: ", ")
        try CaseFolder.write("{\"keys\": [\(list)]}", to: settings + "/signingkeys.json")
    }

    /// Signs an image as often as the case says.
    func sign(_ differential: DifferentialCase, reference: String) async throws {
        for case .notation(let signature) in differential.signatures {
            try await tools.run(
                .notation,
                [
                    "sign", "--insecure-registry", "--signature-format", signature.format.rawValue, "--key",
                    signature.chain.key.rawValue,
                ] + signature.arguments + [reference]
            )
        }
    }
}
