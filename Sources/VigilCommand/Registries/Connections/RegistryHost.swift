import JSONModel
import OCIModel
import OutboundHTTP

/// What is particular about connections to one registry, as the configuration says it.
///
/// Written as a group of settings (`{host: …, ca: …}`), or as a text: `HOST;ca=FILE;proxy=URL`.
struct RegistryHost: Sendable, Hashable, CustomStringConvertible {
    /// By which proxy it is asked.
    enum Proxy: Sendable, Hashable, CustomStringConvertible {
        /// By none, whatever the environment says.
        case direct
        case server(ProxyServer)

        var description: String {
            switch self {
            case .direct: "direct"
            case .server(let server): "\(server)"
            }
        }
    }

    /// What can be said of a host.
    enum Field: String, CaseIterable {
        case authorities = "ca"
        case certificate = "clientCertificate"
        case key = "clientKey"
        case plainHTTP
        case proxy
        case tokenService
    }

    /// The registry, as references write it.
    let registry: String
    /// Files with certificate authorities that it may use besides the others, PEM.
    private(set) var authorityFile: String?
    /// The file with the certificate that it alone is shown, PEM.
    private(set) var certificateFile: String?
    /// The file with the key of that, PEM.
    private(set) var keyFile: String?
    /// Whether it is asked over plain HTTP.
    private(set) var usesPlainHTTP = false
    /// Its proxy; `nil` for that of the environment.
    private(set) var proxy: Proxy?
    /// The host whose token service is given its credentials, besides those that are known to be its own.
    private(set) var tokenService: String?

    /// The files that it needs.
    var files: [String] { [authorityFile, certificateFile, keyFile].compactMap { $0 } }

    /// The text that stands for it.
    var description: String {
        let fields: [(Field, String?)] = [
            (.authorities, authorityFile), (.certificate, certificateFile), (.key, keyFile),
            (.plainHTTP, usesPlainHTTP ? "true" : nil), (.proxy, proxy?.description),
            (.tokenService, tokenService),
        ]
        return fields.reduce(into: registry) { text, field in
            if let value = field.1 { text += ";\(field.0.rawValue)=\(value)" }
        }
    }

    /// Reads a text.
    ///
    /// - Throws: ``SettingDefect``; what stands for a proxy is not shown, since it may hold a password.
    init(_ text: String) throws(SettingDefect) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        var fields: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let sign = part.firstIndex(of: "=") else {
                throw SettingDefect("has an entry with a part that is no NAME=VALUE; write \(Self.form)")
            }
            let name = String(part[..<sign])
            guard fields.updateValue(String(part[part.index(after: sign)...]), forKey: name) == nil else {
                throw SettingDefect("has an entry that says \(Self.shown(name)) twice")
            }
        }
        try self.init(parts.first ?? "", fields)
    }

    /// Reads a group of settings.
    ///
    /// - Throws: ``SettingDefect``, as for a text.
    init(_ members: [String: JSONValue]) throws(SettingDefect) {
        guard let host = members["host"]?.string else {
            throw SettingDefect("has an entry without a host; write \(Self.form)")
        }
        var fields: [String: String] = [:]
        for (name, value) in members where name != "host" {
            switch value {
            case .string(let text) where name != Field.plainHTTP.rawValue: fields[name] = text
            case .bool(let isOn) where name == Field.plainHTTP.rawValue: fields[name] = "\(isOn)"
            default:
                let expected = name == Field.plainHTTP.rawValue ? "true or false" : "text"
                // A name that does not exist is told first.
                guard Field(rawValue: name) != nil else { throw Self.unknown(name, of: host) }
                throw SettingDefect("has an entry for \(Self.shown(host)) whose \(name) is not \(expected)")
            }
        }
        try self.init(host, fields)
    }

    private init(_ host: String, _ fields: [String: String]) throws(SettingDefect) {
        guard let name = try? RepositoryName(registry: host, path: "x") else {
            throw SettingDefect(
                "has an entry for \(Self.shown(host)), which is no registry's host as in image references, such as "
                    + "registry.local:5000"
            )
        }
        registry = name.registry
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            guard let field = Field(rawValue: name) else { throw Self.unknown(name, of: host) }
            guard !value.isEmpty, !value.contains(";") else {
                throw SettingDefect("has an entry for \(host) whose \(name) is empty or has a semicolon in it")
            }
            try set(field, value)
        }
        try check()
    }

    private mutating func set(_ field: Field, _ value: String) throws(SettingDefect) {
        switch field {
        case .authorities: authorityFile = value
        case .certificate: certificateFile = value
        case .key: keyFile = value
        case .plainHTTP:
            guard ["true", "false"].contains(value) else {
                throw SettingDefect("has an entry for \(registry) whose plainHTTP is neither true nor false")
            }
            usesPlainHTTP = value == "true"
        case .proxy: proxy = try Self.proxy(value, of: registry)
        case .tokenService: tokenService = try Self.tokenService(value, of: registry)
        }
    }

    private static func tokenService(_ text: String, of registry: String) throws(SettingDefect) -> String {
        guard let url = try? OutboundURL("https://\(text)"), url.authority == url.host, url.path == "/",
            url.query == nil
        else {
            throw SettingDefect(
                "has an entry for \(registry) whose tokenService is no host such as gitlab.example.com; write neither "
                    + "scheme nor port nor path"
            )
        }
        return url.host
    }

    private static func proxy(_ text: String, of registry: String) throws(SettingDefect) -> Proxy {
        if text == "direct" { return .direct }
        let server: ProxyServer
        do throws(OutboundError) {
            server = try ProxyServer(text, source: "the proxy")
        } catch {
            throw SettingDefect("has an entry for \(registry): \(error.message)")
        }
        guard server.credentials == nil else {
            throw SettingDefect(
                "has an entry for \(registry) whose proxy has a user or a password, which do not belong into a "
                    + "configuration; name such a proxy in HTTPS_PROXY, from a Secret"
            )
        }
        return .server(server)
    }

    /// Refuses what contradicts itself, or says nothing.
    private func check() throws(SettingDefect) {
        if (certificateFile == nil) != (keyFile == nil) {
            throw SettingDefect(
                "has an entry for \(registry) with one of clientCertificate and clientKey; name both or neither"
            )
        }
        if usesPlainHTTP, !files.isEmpty {
            throw SettingDefect("has an entry for \(registry) with plainHTTP and certificates, which need TLS")
        }
        if !usesPlainHTTP, files.isEmpty, proxy == nil, tokenService == nil {
            throw SettingDefect("has an entry for \(registry) that says nothing of it; write \(Self.form)")
        }
    }

    // MARK: - Words

    private static let form =
        "{host: …} or HOST with one or more of \(Field.allCases.map(\.rawValue).joined(separator: ", "))"

    private static func unknown(_ name: String, of host: String) -> SettingDefect {
        let names = Field.allCases.map(\.rawValue)
        return SettingDefect(
            "has an entry for \(shown(host)) with \(shown(name)), which is nothing that can be said of it"
                + "\(Suggestion.text(for: name, among: names)); allowed here: host, \(names.joined(separator: ", "))"
        )
    }

    /// What was written, unless it may be the credentials of a proxy.
    private static func shown(_ text: String) -> String {
        text.contains("@") ? "something with @" : "\"\(URLRedaction.printable(text, limit: 80))\""
    }
}
