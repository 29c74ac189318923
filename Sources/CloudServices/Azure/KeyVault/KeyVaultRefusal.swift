internal import JSONModel
internal import OutboundHTTP

/// Why a vault refuses, as its answer says (Azure Key Vault, "REST API error codes").
struct KeyVaultRefusal: Sendable, Hashable {
    let status: Int
    /// `error.innererror.code`, else `error.code`: letters only, so that it may be shown.
    let code: String

    init(_ response: OutboundResponse) {
        status = response.status
        let error = ServiceBody.object(response.body)?["error"]
        let told = error?["innererror"]?["code"]?.string ?? error?["code"]?.string ?? ""
        let isPlain =
            (1...64).contains(told.utf8.count)
            && told.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
        code = isPlain ? told : "\(response.status)"
    }

    /// The version is switched off, whoever asks.
    var isDisabled: Bool { status == 403 && code.hasSuffix("Disabled") }

    /// The network is not let in, whoever asks.
    var isFirewall: Bool { status == 403 && code == "ForbiddenByFirewall" }

    /// The identity lacks the permission.
    var isPermission: Bool { status == 403 && !isDisabled && !isFirewall }
}

/// The tenant in a vault's challenge.
enum KeyVaultChallenge {
    /// The tenant that issues the vault's tokens, from
    /// `Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://vault.azure.net"`.
    static func tenant(_ response: OutboundResponse) -> String? {
        guard let field = response.headers["www-authenticate"], field.utf8.count <= 4096,
            let start = field.firstRange(of: "authorization=\"")
        else { return nil }
        let rest = field[start.upperBound...]
        guard let end = rest.firstIndex(of: "\""), let url = try? OutboundURL(String(rest[..<end])) else { return nil }
        let name = url.path.dropFirst()
        let isPlain =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."): true
                default: false
                }
            }
        return isPlain ? String(name) : nil
    }
}
