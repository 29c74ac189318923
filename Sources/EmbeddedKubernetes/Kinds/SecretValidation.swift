internal import FoundationEssentials
internal import JSONModel

/// What a Secret of a known type must hold (`ValidateSecret` in `pkg/apis/core/validation`).
enum SecretValidation {
    /// The mistakes of a Secret; those of an unknown type, and opaque ones, have none.
    static func errors(_ secret: JSONValue) -> [FieldError] {
        switch secret["type"]?.string {
        case "kubernetes.io/dockercfg": json(".dockercfg", of: secret)
        case "kubernetes.io/dockerconfigjson": json(".dockerconfigjson", of: secret)
        case "kubernetes.io/tls": required(["tls.crt", "tls.key"], of: secret)
        case "kubernetes.io/ssh-auth": content("ssh-privatekey", of: secret)
        case "kubernetes.io/basic-auth": basic(secret)
        case "kubernetes.io/service-account-token": account(secret)
        default: []
        }
    }

    private static func data(_ key: String, of secret: JSONValue) -> [UInt8]? {
        secret.value(at: "data", key)?.string.flatMap { Data(base64Encoded: $0) }.map(Array.init)
    }

    private static func field(_ key: String) -> String { "data[\(key)]" }

    private static func required(_ keys: [String], of secret: JSONValue) -> [FieldError] {
        keys.filter { data($0, of: secret) == nil }.map { .required(field($0)) }
    }

    private static func content(_ key: String, of secret: JSONValue) -> [FieldError] {
        data(key, of: secret)?.isEmpty ?? true ? [.required(field(key))] : []
    }

    /// One of the two is enough.
    private static func basic(_ secret: JSONValue) -> [FieldError] {
        let missing = required(["username", "password"], of: secret)
        return missing.count == 2 ? missing : []
    }

    private static func account(_ secret: JSONValue) -> [FieldError] {
        let name = secret.value(at: "metadata", "annotations", "kubernetes.io/service-account.name")?.string ?? ""
        return name.isEmpty ? [.required("metadata.annotations[kubernetes.io/service-account.name]")] : []
    }

    /// The value is a JSON object; what it is instead is not shown, but for its first character.
    private static func json(_ key: String, of secret: JSONValue) -> [FieldError] {
        guard let bytes = data(key, of: secret) else { return [.required(field(key))] }
        if let value = try? JSONParser().parse(bytes), value.object != nil { return [] }
        let cause = bytes.first.map {
            "invalid character '\(Character(UnicodeScalar($0)))' looking for beginning of value"
        }
        return [.invalid(field(key), "<secret contents redacted>", cause ?? "unexpected end of JSON input")]
    }
}
