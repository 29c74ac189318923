internal import JSONModel
public import OCIModel
public import OCIRegistry
internal import OutboundHTTP
internal import WorkSharing

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The credentials for private registries of Amazon ECR that an identity of AWS gives (Amazon ECR API Reference,
/// "GetAuthorizationToken").
///
/// Asked only for hosts that are such registries, and where no other credential is known. A refusal is an error, so that
/// it is told: it does not become an anonymous request.
public struct AmazonRegistryCredentials: CredentialSource {
    private let identity: Result<AmazonIdentity, CloudError>
    private let surroundings: CloudSurroundings
    private let base: any CredentialSource
    private let keys: ExpiringValues<AmazonRegion, AmazonKeys, CloudError>
    private let passwords: ExpiringValues<AmazonRegistry, String, CloudError>

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - identity: who asks; or why there is nobody to ask as, which is told where it would be needed.
    ///   - surroundings: the way to AWS.
    ///   - base: credentials that go first.
    public init(
        _ identity: Result<AmazonIdentity, CloudError>,
        _ surroundings: CloudSurroundings,
        after base: any CredentialSource
    ) {
        self.identity = identity
        self.surroundings = surroundings
        self.base = base
        keys = ExpiringValues(capacity: 32, now: surroundings.now)
        passwords = ExpiringValues(capacity: 64, now: surroundings.now)
    }

    /// The credential for a repository; see `CredentialSource`.
    public func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? {
        if let given = try await base.credential(for: repository) { return given }
        guard let registry = AmazonRegistry(host: repository.registry) else { return nil }
        do throws(CloudError) {
            let identity = try identity.get()
            // A token of a region is good for all of its registries that the identity may read.
            let password = try await passwords.value(registry, cancelled: .cancelled) {
                () async throws(CloudError) in
                try await surroundings.attempt { () async throws(CloudError) in
                    try await token(of: registry, as: identity)
                }
            }
            return .basic(username: "AWS", password: password)
        } catch {
            throw RegistryError(error, for: repository)
        }
    }

    private func token(
        of registry: AmazonRegistry,
        as identity: AmazonIdentity
    ) async throws(CloudError) -> ExpiringValues<AmazonRegistry, String, CloudError>.Kept {
        let keys = try await keys(of: identity, for: registry)
        let url = try ServiceRequest.url(host: registry.service)
        let signature = AmazonSignature(keys: keys, region: registry.region.name, service: "ecr")
        let request = ServiceRequest(
            name: "the registry service \(registry.service)",
            request: AmazonRegistry.tokenRequest(url, signedFor: url.authority, signature, at: surroundings.now()),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.http)
        let body = ServiceBody.object(response.body)
        guard response.status == 200 else {
            throw refusal(response, body, request, of: registry, keys)
        }
        guard let (password, expires) = Self.password(in: body, now: surroundings.now()) else {
            throw CloudError(.malformed, "\(request.name) answered without a usable token")
        }
        guard expires > surroundings.now() else {
            throw CloudError(.malformed, "\(request.name) answered with a token that has lapsed; check the clocks")
        }
        return .init(password, until: surroundings.renewal(before: expires))
    }

    /// The password in an answer and when it lapses, in twelve hours at most; `nil` where there is none.
    static func password(in body: JSONValue?, now: Date) -> (password: String, expires: Date)? {
        guard let data = body?["authorizationData"]?.array?.first,
            let password = password(data["authorizationToken"]?.string),
            let seconds = ServiceBody.seconds(data["expiresAt"])
        else { return nil }
        return (password, min(Date(timeIntervalSince1970: seconds), now.addingTimeInterval(12 * 3600)))
    }

    private func keys(of identity: AmazonIdentity, for registry: AmazonRegistry) async throws(CloudError) -> AmazonKeys
    {
        try await keys.value(region(of: identity, registry), cancelled: .cancelled) { () async throws(CloudError) in
            let keys: AmazonKeys
            switch identity {
            case .role(let role): keys = try await role.keys(in: region(of: identity, registry), surroundings)
            case .pod(let pod): keys = try await pod.keys(surroundings)
            }
            return .init(keys, until: surroundings.renewal(before: keys.expires ?? .distantFuture))
        }
    }

    /// Where the token service is asked: the cluster's region, unless the registry is in the other part of the world.
    private func region(of identity: AmazonIdentity, _ registry: AmazonRegistry) -> AmazonRegion {
        guard case .role(let role) = identity, let region = role.region, region.domain == registry.region.domain
        else { return registry.region }
        return region
    }

    /// The password in the base64 form of `AWS:password`.
    private static func password(_ token: String?) -> String? {
        guard let token, token.utf8.count <= 65_536, let data = Data(base64Encoded: token),
            let text = String(validating: data, as: UTF8.self), text.hasPrefix("AWS:")
        else { return nil }
        let password = text.dropFirst(4)
        guard !password.isEmpty, password.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return String(password)
    }

    /// The words of a refusal (Amazon ECR API Reference, "Common Errors"), and what to do about the usual causes.
    private func refusal(
        _ response: OutboundResponse,
        _ body: JSONValue?,
        _ request: ServiceRequest,
        of registry: AmazonRegistry,
        _ used: AmazonKeys
    ) -> CloudError {
        // Some write the name with the namespace of its kind before it.
        let type = (body?["__type"]?.string ?? "").split(separator: "#").last.map(String.init) ?? ""
        let told = body?["message"]?.string ?? body?["Message"]?.string ?? ""
        let words = URLRedaction.printable(
            [type, told].filter { !$0.isEmpty }.joined(separator: ": "),
            limit: 300
        )
        let failure = request.failure(response, words, now: surroundings.now())
        switch type {
        case "AccessDeniedException":
            return failure.meaning(
                .forbidden,
                "grant ecr:GetAuthorizationToken, as AmazonEC2ContainerRegistryPullOnly does"
            )
        case "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId",
            "IncompleteSignature", "MissingAuthenticationToken":
            if case .success(let identity) = identity {
                keys.drop(region(of: identity, registry)) { $0 == used }
            }
            return failure.meaning(.unauthorized)
        case "InvalidSignatureException", "RequestExpired", "SignatureDoesNotMatch":
            return failure.meaning(.unauthorized, "check this machine's clock")
        case "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestThrottled":
            return failure.meaning(.throttled)
        case "ServerException", "InternalFailure", "ServiceUnavailable": return failure.meaning(.serverError)
        default: return failure.code == .malformed ? failure.meaning(.unauthorized) : failure
        }
    }
}

extension AmazonRegistry {
    /// The request for a token (Amazon ECR API Reference, "GetAuthorizationToken"; the protocol is AWS's JSON 1.1).
    ///
    /// - Parameters:
    ///   - url: where it is sent.
    ///   - host: the host that is signed; that of `url`.
    ///   - signature: who signs.
    ///   - date: the present.
    /// - Returns: the request, signed.
    static func tokenRequest(
        _ url: OutboundURL,
        signedFor host: String,
        _ signature: AmazonSignature,
        at date: Date
    ) -> OutboundRequest {
        let subject = AmazonSignature.Subject(
            method: "POST",
            headers: [
                "host": host, "content-type": "application/x-amz-json-1.1",
                "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
            ],
            body: Array("{}".utf8)
        )
        var signed = signature.sign(subject, at: date)
        // The client writes this field itself.
        signed.headers["host"] = nil
        return OutboundRequest(.post, url, headers: signed.headers, body: signed.body)
    }
}
