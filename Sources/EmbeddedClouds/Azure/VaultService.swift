internal import FoundationEssentials
internal import JSONModel

/// The data plane of a vault.
///
/// Sources: learn.microsoft.com, "Azure Key Vault REST API reference" (Get Secret, Get Secret Versions, Get Certificate,
/// Get Certificate Versions), "Authentication, requests and responses", "Azure Key Vault REST API error codes", and the
/// examples of azure-rest-api-specs below `specification/keyvault`. Not shown by these, and so to be looked at by whoever
/// has a vault: the order of a list, and which code a disabled certificate (not secret) is refused with, if it is.
extension EmbeddedAzure.State {
    func open(_ vault: AzureVault, _ request: CloudRequest) -> CloudAnswer {
        guard let authorization = request.headers["authorization"] else {
            return unauthorized("AKV10000: Request is missing a Bearer or PoP token.", request)
        }
        guard authorization.hasPrefix("Bearer "), let token = tokens[String(authorization.dropFirst(7))],
            token.expires > seconds
        else { return unauthorized("AKV10032: Invalid token.", request) }
        guard token.resource == settings.vaultResource else {
            return unauthorized("AKV10022: Invalid audience.", request)
        }
        guard request.method == "GET", request.body.isEmpty, hasOnly(["authorization", "accept"], request) else {
            return failure(405, "BadParameter", "The request is not one of the documentation's.")
        }
        guard vault.permissions.passesFirewall else {
            return failure(403, "Forbidden", "Client address is not authorized.", inner: "ForbiddenByFirewall")
        }
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (3...4).contains(parts.count), let query = request.query else {
            return failure(400, "BadParameter", "The path or the query is malformed.")
        }
        let isSecret = parts[1] == "secrets"
        let name = parts[2].lowercased()
        let versions = vault.certificates.first { $0.key.lowercased() == name }?.value
        if parts.count == 4, parts[3] == "versions" {
            let isAllowed = isSecret ? vault.permissions.listSecrets : vault.permissions.listCertificates
            guard isAllowed else { return forbidden(vault, "\(parts[1])/list") }
            return list(versions ?? [], vault, kind: parts[1], name: parts[2], query, host: request.host)
        }
        let isAllowed = isSecret ? vault.permissions.getSecrets : vault.permissions.getCertificates
        guard isAllowed else { return forbidden(vault, "\(parts[1])/get") }
        let version =
            parts.count == 4
            ? versions?.first { $0.name == parts[3] } : versions?.max { $0.created < $1.created }
        guard let version else {
            let kind = isSecret ? "Secret" : "Certificate"
            return failure(404, "\(kind)NotFound", "A \(parts[1]) with (name/id) \(parts[2]) was not found.")
        }
        let id = "https://\(request.host)/\(parts[1])/\(parts[2])/\(version.name)"
        return isSecret ? secret(version, vault, id, query) : certificate(version, id, query)
    }

    // MARK: Objects

    private func secret(
        _ version: AzureVault.Version,
        _ vault: AzureVault,
        _ id: String,
        _ query: [String: String]
    ) -> CloudAnswer {
        var query = query
        let api = query.removeValue(forKey: "api-version")
        var contentType = version.contentType
        switch (api, query.removeValue(forKey: "outContentType")) {
        case ("7.4", nil): break
        case ("2025-07-01", "application/x-pem-file"?) where vault.converts: contentType = "application/x-pem-file"
        default: return failure(400, "BadParameter", "The api-version or a parameter is not supported.")
        }
        guard query.isEmpty else { return failure(400, "BadParameter", "A parameter is not supported.") }
        guard version.isEnabled else {
            return failure(
                403,
                "Forbidden",
                "Operation get is not allowed on a disabled secret.",
                inner: "SecretDisabled"
            )
        }
        let value: String =
            contentType == "application/x-pem-file"
            // A real PFX is of no use to a client that must not read one.
            ? (version.keyPEM ?? "") + version.chainPEM : "MIIKDwIBAzCCCcsGCSqGSIb3DQEHAaCCCbwEggm4"
        let object: JSONValue = [
            "value": .string(value), "contentType": .string(contentType), "id": .string(id),
            "managed": true, "attributes": attributes(version), "tags": [:],
        ]
        return CloudAnswer(200, json: JSONSerializer().string(object))
    }

    private func certificate(
        _ version: AzureVault.Version,
        _ id: String,
        _ query: [String: String]
    ) -> CloudAnswer {
        guard query == ["api-version": "7.4"] else {
            return failure(400, "BadParameter", "The api-version or a parameter is not supported.")
        }
        let object: JSONValue = [
            "id": .string(id), "x5t": "fLi3U52HunIVNXubkEnf8tP6Wbo", "cer": .string(version.leaf),
            "contentType": .string(version.contentType), "attributes": attributes(version),
            "policy": ["key_props": ["exportable": .bool(version.keyPEM != nil)]],
        ]
        return CloudAnswer(200, json: JSONSerializer().string(object))
    }

    private func attributes(_ version: AzureVault.Version) -> JSONValue {
        [
            "enabled": .bool(version.isEnabled), "created": .integer(version.created),
            "updated": .integer(version.created), "recoveryLevel": "Recoverable+Purgeable",
        ]
    }

    // MARK: Lists

    private func list(
        _ versions: [AzureVault.Version],
        _ vault: AzureVault,
        kind: String,
        name: String,
        _ query: [String: String],
        host: String
    ) -> CloudAnswer {
        var query = query
        let isWell =
            query.removeValue(forKey: "api-version") == "7.4" && query.removeValue(forKey: "maxresults") == "25"
        let skip = query.removeValue(forKey: "$skiptoken")
        guard isWell, query.isEmpty, let start = skip.map({ Int($0) }) ?? 0 else {
            return failure(400, "BadParameter", "The api-version or a parameter is not supported.")
        }
        guard !versions.isEmpty else {
            let what = kind == "secrets" ? "Secret" : "Certificate"
            return failure(404, "\(what)NotFound", "A \(kind) with (name/id) \(name) was not found.")
        }
        let page = versions.dropFirst(start).prefix(vault.pageSize)
        let items = page.map { version -> JSONValue in
            [
                "id": .string("https://\(host)/\(kind)/\(name)/\(version.name)"), "attributes": attributes(version),
            ]
        }
        let end = start + page.count
        // As the real ones: with the port, and with the query that was asked.
        let link =
            "https://\(host.contains(":") ? host : "\(host):443")/\(kind)/\(name)/versions"
            + "?api-version=7.4&$skiptoken=\(end)&maxresults=25"
        let object: JSONValue = ["value": .array(items), "nextLink": end < versions.count ? .string(link) : .null]
        return CloudAnswer(200, json: JSONSerializer().string(object))
    }

    // MARK: Refusals

    private func unauthorized(_ text: String, _ request: CloudRequest) -> CloudAnswer {
        let challenge =
            "Bearer authorization=\"https://login.microsoftonline.com/\(settings.tenant)\", "
            + "resource=\"\(settings.vaultResource)\""
        var answer = failure(401, "Unauthorized", text)
        answer.headers["www-authenticate"] = challenge
        return answer
    }

    private func forbidden(_ vault: AzureVault, _ action: String) -> CloudAnswer {
        failure(
            403,
            "Forbidden",
            "Caller is not authorized to perform action on resource. Caller: appid=\(settings.clientID);oid=0. Action: "
                + "'\(action)'.",
            inner: vault.permissions.code
        )
    }

    private func failure(_ status: Int, _ code: String, _ text: String, inner: String? = nil) -> CloudAnswer {
        var error: [String: JSONValue] = ["code": .string(code), "message": .string(text)]
        if let inner { error["innererror"] = ["code": .string(inner)] }
        return CloudAnswer(status, json: JSONSerializer().string(["error": .object(error)]))
    }
}
