import Foundation
import KubernetesAPI
import OCIModel
import TestTiming
import Testing
import TrustModel

@testable import TrustResources

struct PolicyCompilerTests {
    private let now = Samples.time

    private func policy(_ change: (inout TrustPolicySpec) -> Void = { _ in }) throws -> TrustPolicy {
        let store = TrustStoreSource(type: "ca", certificates: CertificateSource(inline: try Samples.certificate()))
        let notary = NotarySource(trustedIdentities: ["x509.subject: C=US, ST=WA, O=Notary"], trustStores: [store])
        var spec = TrustPolicySpec(authorities: [AuthoritySource(name: "wabbit", notary: notary)])
        change(&spec)
        return TrustPolicy(metadata: ObjectMeta(name: "shop", namespace: "shop"), spec: spec)
    }

    private func problems(_ change: (inout TrustPolicySpec) -> Void) throws -> [String] {
        let policy = try policy(change)
        do throws(PolicyProblems) {
            _ = try PolicyCompiler().compile(policy, now: now)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private func notary(_ change: (inout NotarySource) -> Void) throws -> [String] {
        try problems { spec in
            guard var notary = spec.authorities[0].notary else { return }
            change(&notary)
            spec.authorities[0].notary = notary
        }
    }

    @Test("a policy with nothing but an authority gets every default")
    func defaults() throws {
        let compiled = try PolicyCompiler().compile(policy(), now: now)
        #expect(compiled.interval == .seconds(60))
        #expect(compiled.maxStaleness == .seconds(3600))
        #expect(compiled.policy.name == Samples.policyName)
        #expect(compiled.policy.require == .any)
        #expect(compiled.policy.scope == ImageScope())
        #expect(compiled.policy.decisions.isEmpty)
        #expect(compiled.warnings.isEmpty)
        guard case .notary(let trust) = try #require(compiled.policy.authorities.first).source else { return }
        #expect(trust.level == .strict)
        #expect(trust.verifyTimestamp == .always)
        #expect(trust.trustStores.map(\.name) == ["ca"])
        #expect(trust.trustStores.map(\.certificates.count) == [1])
        #expect(compiled.trustStores.map(\.name) == ["wabbit/ca:ca"])
        let expires = try #require(compiled.expires)
        #expect(expires > Date(timeIntervalSince1970: 2_100_000_000))
        #expect(compiled.selects(namespace: "shop", namespaceLabels: [:], podLabels: [:]))
        #expect(!compiled.selects(namespace: "other", namespaceLabels: [:], podLabels: [:]))
    }

    @Test("everything that is written is read")
    func everything() throws {
        let compiled = try PolicyCompiler().compile(
            policy { spec in
                spec.images = .init(include: ["registry.example.com/shop/*"], exclude: ["registry.example.com/shop/x"])
                spec.podSelector = LabelSelector(matchLabels: ["app": "web"])
                spec.interval = "5m"
                spec.maxStaleness = "6h"
                spec.require = "All"
                spec.decisions = [
                    DecisionEntry(
                        digest: Samples.digest("bad").description,
                        verdict: "Unsupported",
                        reason: "old",
                        expires: "2036-01-01T01:00:00+01:00"
                    )
                ]
                spec.authorities[0].notary?.level = "permissive"
                spec.authorities[0].notary?.overrides = .init(expiry: "enforce", revocation: "skip")
                spec.authorities[0].notary?.verifyTimestamp = "afterCertExpiry"
                spec.authorities[0].notary?.requiredAnnotations = ["stage": "production"]
            },
            now: now
        )
        #expect(compiled.interval == .seconds(300))
        #expect(compiled.maxStaleness == .seconds(21_600))
        #expect(compiled.policy.require == .all)
        #expect(compiled.policy.scope.include == ["registry.example.com/shop/*"])
        #expect(compiled.policy.scope.exclude == ["registry.example.com/shop/x"])
        #expect(
            compiled.policy.decisions == [
                Decision(
                    digest: Samples.digest("bad"),
                    verdict: .unsupported,
                    reason: "old",
                    expires: KubernetesTime("2036-01-01T00:00:00Z")?.date
                )
            ]
        )
        guard case .notary(let trust) = try #require(compiled.policy.authorities.first).source else { return }
        #expect(trust.level == .permissive)
        #expect(trust.overrides == [.expiry: .enforce, .revocation: .skip])
        #expect(trust.verifyTimestamp == .afterCertExpiry)
        #expect(trust.requiredAnnotations == ["stage": "production"])
        #expect(!compiled.selects(namespace: "shop", namespaceLabels: [:], podLabels: [:]))
        #expect(compiled.selects(namespace: "shop", namespaceLabels: [:], podLabels: ["app": "web"]))
    }

    @Test("mistakes around the authorities are told with field and remedy")
    func generalMistakes() throws {
        #expect(
            try problems { $0.interval = "999ms" } == [
                "spec.interval: \"999ms\" is out of bounds: from 1s to 24h is allowed"
            ]
        )
        #expect(try problems { $0.maxStaleness = "30s" }.first?.contains("is shorter than interval") == true)
        #expect(
            try problems { $0.require = "Most" }.first?.hasPrefix(
                "spec.require: is \"Most\", expected Any, All, or AtLeast:n"
            ) == true
        )
        #expect(
            try problems { $0.require = "AtLeast:2" }
                == ["spec.require: can never be met: the policy names one authority; add some or require fewer"]
        )
        #expect(
            try problems { $0.images = .init(include: ["shop*"]) }.first?.hasPrefix(
                "spec.images.include[0]: \"shop*\" may have *"
            ) == true
        )
        #expect(
            try problems { $0.images = .init(exclude: ["*"]) }.first?.hasPrefix(
                "spec.images.exclude: * takes every image out"
            ) == true
        )
        #expect(
            try problems { $0.podSelector = LabelSelector(matchExpressions: [.init(key: "a", operator: .in)]) }
                == ["spec.podSelector.matchExpressions[0].values: is empty: In needs at least one value"]
        )
        #expect(
            try problems {
                $0.podSelector = LabelSelector(matchExpressions: [.init(key: "a", operator: .exists, values: ["x"])])
            }
                == ["spec.podSelector.matchExpressions[0].values: must be absent: Exists compares no values"]
        )
    }

    @Test("mistakes in decisions are told with field and remedy")
    func decisionMistakes() throws {
        let digest = Samples.digest("bad").description
        func decided(_ entries: DecisionEntry...) throws -> [String] { try problems { $0.decisions = entries } }
        #expect(
            try decided(DecisionEntry(digest: digest, verdict: "Trusted", reason: "x"))
                == [
                    "spec.decisions[0].verdict: is \"Trusted\", expected Untrusted or Unsupported; "
                        + "trust comes from authorities alone"
                ]
        )
        #expect(
            try decided(DecisionEntry(digest: "sha256:abc", verdict: "Untrusted", reason: "x")).first?.hasPrefix(
                "spec.decisions[0].digest: "
            ) == true
        )
        #expect(
            try decided(DecisionEntry(digest: digest, verdict: "Untrusted", reason: "")).first?.hasPrefix(
                "spec.decisions[0].reason: is empty"
            ) == true
        )
        #expect(
            try decided(DecisionEntry(digest: digest, verdict: "Untrusted", reason: "x", expires: "soon"))
                == ["spec.decisions[0].expires: is \"soon\", expected a time such as 2027-01-01T00:00:00Z"]
        )
        let entry = DecisionEntry(digest: digest, verdict: "Untrusted", reason: "x")
        #expect(
            try decided(entry, entry) == [
                "spec.decisions[1].digest: repeats spec.decisions[0]; one entry settles a digest"
            ]
        )
    }

    @Test("a decision that has ended leaves the policy valid, with a warning")
    func endedDecision() throws {
        let entry = DecisionEntry(
            digest: Samples.digest("bad").description,
            verdict: "Untrusted",
            reason: "x",
            expires: "2020-01-01T00:00:00Z"
        )
        let compiled = try PolicyCompiler().compile(policy { $0.decisions = [entry] }, now: now)
        #expect(compiled.warnings.count == 1)
        #expect(compiled.policy.decision(for: [Samples.digest("bad")], at: now) == nil)
    }

    @Test("mistakes in Notary trust are told with field and remedy")
    func notaryMistakes() throws {
        let field = "spec.authorities[0].notary"
        #expect(
            try notary { $0.level = "stric" } == [
                "\(field).level: is \"stric\", expected one of strict, permissive, audit, skip (did you mean strict?)"
            ]
        )
        #expect(try notary { $0.verifyTimestamp = "never" }.first?.hasPrefix("\(field).verifyTimestamp: ") == true)
        #expect(
            try notary { $0.overrides = .init(expiry: "ignore") }.first?.hasPrefix("\(field).overrides.expiry: ")
                == true
        )
        #expect(
            try notary { $0.overrides = .init(expiry: "skip") }.first?.contains("only revocation can be skipped")
                == true
        )
        #expect(try notary { $0.level = "skip" }.first?.contains("level skip verifies nothing") == true)
        #expect(try notary { $0.trustStores = nil }.first?.hasPrefix("\(field).trustStores: ") == true)
        #expect(try notary { $0.trustedIdentities = nil }.first?.hasPrefix("\(field).trustedIdentities: ") == true)
        #expect(
            try notary { $0.trustedIdentities = ["*", "x509.subject: C=US, ST=WA, O=Notary"] }.first?.contains(
                "must stand alone"
            ) == true
        )
        #expect(
            try notary {
                $0.trustedIdentities = [
                    "x509.subject: C=US, ST=WA, O=Notary", "x509.subject: C=US, ST=WA, O=Notary, CN=x",
                ]
            }
            .first?.contains("overlaps") == true
        )
        #expect(try notary { $0.trustedIdentities = ["x509.subject: CN=x"] }.count == 1)
        #expect(
            try problems {
                $0.authorities[0].notary = NotarySource(level: "skip")
                $0.authorities[0].notary?.requiredAnnotations = ["a": "b"]
            }.first?.hasPrefix("\(field).requiredAnnotations: ") == true
        )
        #expect(try problems { $0.authorities[0].notary = NotarySource(level: "skip") } == [])
    }

    @Test("mistakes in the list of authorities are told with field and remedy")
    func authorityMistakes() throws {
        #expect(
            try problems { $0.authorities = [] } == ["spec.authorities: is empty: name at least one source of trust"]
        )
        #expect(
            try problems { $0.authorities.append($0.authorities[0]) }
                == ["spec.authorities[1].name: repeats spec.authorities[0]; give every authority a name of its own"]
        )
        #expect(try problems { $0.authorities[0].notary = nil } == ["spec.authorities[0]: names no source: add notary"])
        #expect(
            try problems { $0.authorities[0].name = "" }.first?.hasPrefix("spec.authorities[0].name: is empty") == true
        )
        #expect(try problems { $0.authorities = Array(repeating: $0.authorities[0], count: 100) }.count == 1)
    }

    @Test("mistakes in trust stores are told with field and remedy")
    func storeMistakes() throws {
        let field = "spec.authorities[0].notary.trustStores"
        let pem = try Samples.certificate()
        func stores(_ stores: TrustStoreSource...) throws -> [String] { try notary { $0.trustStores = stores } }
        func inline(_ text: String, type: String = "ca") -> TrustStoreSource {
            TrustStoreSource(type: type, certificates: CertificateSource(inline: text))
        }
        #expect(try stores(inline("no PEM")).first?.hasPrefix("\(field)[0].certificates.inline: ") == true)
        #expect(
            try stores(inline(pem.replacingOccurrences(of: "MII", with: "MIX"))).first?.hasPrefix(
                "\(field)[0].certificates.inline: "
            ) == true
        )
        #expect(try stores(inline("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n" + pem)).count == 1)
        #expect(try stores(inline(pem, type: "root")).first?.hasPrefix("\(field)[0].type: is \"root\"") == true)
        #expect(try stores(inline(pem), inline(pem)).first?.contains("a trust store ca:ca stands before it") == true)
        #expect(
            try stores(TrustStoreSource(type: "ca", certificates: CertificateSource())).first?.contains(
                "names no certificates"
            ) == true
        )
        let key = CertificateSource.KeyReference(name: "trust", key: "ca.pem")
        #expect(
            try stores(TrustStoreSource(type: "ca", certificates: CertificateSource(inline: pem, configMapRef: key)))
                == [
                    "\(field)[0].certificates: names certificates in 2 ways: "
                        + "write exactly one of inline, configMapRef, secretRef and azureKeyVault"
                ]
        )
        let foreign = CertificateSource.KeyReference(namespace: "kube-system", name: "trust", key: "ca.pem")
        #expect(
            try stores(TrustStoreSource(type: "ca", certificates: CertificateSource(secretRef: foreign)))
                == [
                    "\(field)[0].certificates.secretRef.namespace: "
                        + "a TrustPolicy reads its own namespace alone: remove it or write shop"
                ]
        )
    }

    @Test("all mistakes are told at once, and of many only four in one sentence")
    func allAtOnce() throws {
        let policy = try policy { spec in
            spec.interval = "x"
            spec.maxStaleness = "x"
            spec.require = "x"
            spec.images = .init(include: ["", "a b"])
        }
        let error = #expect(throws: PolicyProblems.self) { try PolicyCompiler().compile(policy, now: now) }
        #expect(
            error?.problems.map(\.field) == [
                "spec.interval", "spec.maxStaleness", "spec.images.include[0]", "spec.images.include[1]",
                "spec.require",
            ]
        )
        #expect(error?.isUnresolved == false)
        #expect(error?.description.hasSuffix("; and 1 more") == true)
    }

    @Test("certificates come from where the references say; what is missing is unresolved, not invalid")
    func references() throws {
        let key = CertificateSource.KeyReference(name: "trust", key: "ca.pem")
        let policy = try policy {
            $0.authorities[0].notary?.trustStores = [
                TrustStoreSource(type: "ca", name: "a", certificates: CertificateSource(configMapRef: key)),
                TrustStoreSource(type: "ca", name: "b", certificates: CertificateSource(secretRef: key)),
                TrustStoreSource(type: "signingAuthority", certificates: CertificateSource(configMapRef: key)),
            ]
        }
        let map = CertificateReference.object(
            CertificateObject(kind: .configMap, namespace: "shop", name: "trust", key: "ca.pem")
        )
        let secret = CertificateReference.object(
            CertificateObject(kind: .secret, namespace: "shop", name: "trust", key: "ca.pem")
        )
        #expect(policy.certificateReferences == [map, secret])
        let bytes = CertificateLookup.found(Array(try Samples.certificate().utf8))
        #expect(
            try PolicyCompiler(certificates: [map: bytes, secret: bytes]).compile(policy, now: now).trustStores.count
                == 3
        )
        let error = #expect(throws: PolicyProblems.self) {
            try PolicyCompiler(certificates: [map: bytes, secret: .unavailable("may not be read by the operator")])
                .compile(policy, now: now)
        }
        #expect(error?.isUnresolved == true)
        #expect(
            error?.description
                == "spec.authorities[0].notary.trustStores[1].certificates.secretRef: "
                + "Secret shop/trust, key ca.pem may not be read by the operator"
        )
    }

    @Test("a certificate in a vault is found, warned of, kept during an outage, missing for now, or taken back")
    func vaults() throws {
        let source = KeyVaultSource(vaultURI: "https://shop.vault.azure.net", name: "wabbit")
        let policy = try policy {
            $0.authorities[0].notary?.trustStores = [
                TrustStoreSource(type: "ca", certificates: CertificateSource(azureKeyVault: source))
            ]
        }
        let reference = CertificateReference.keyVault(source)
        #expect(policy.certificateReferences == [reference])
        let bytes = Array(try Samples.certificate().utf8)
        func compiled(_ lookup: CertificateLookup) throws -> CompiledPolicy {
            try PolicyCompiler(certificates: [reference: lookup]).compile(policy, now: now)
        }
        let name = "certificate wabbit of https://shop.vault.azure.net"
        let warned = try compiled(.found(bytes, CertificateRemarks(warnings: ["its versions may not be listed"])))
        #expect(warned.warnings == ["\(name): its versions may not be listed"])
        #expect(warned.outages == [])
        let outage = CertificateOutage(readAt: now, until: now.addingTimeInterval(3600), cause: "no answer")
        let kept = try compiled(.found(bytes, CertificateRemarks(outage: outage)))
        #expect(kept.anchors == warned.anchors)
        #expect(kept.outages.count == 1)
        #expect(kept.outages.first?.hasPrefix("\(name) could not be read since ") == true)
        let missing = #expect(throws: PolicyProblems.self) { try compiled(.unavailable("cannot be read")) }
        #expect(missing?.isUnresolved == true)
        let refused = #expect(throws: PolicyProblems.self) { try compiled(.refused("has no enabled version")) }
        #expect(refused?.isUnresolved == false)
        #expect(
            refused?.description
                == "spec.authorities[0].notary.trustStores[0].certificates.azureKeyVault: \(name) has no enabled version"
        )
    }

    @Test("a cluster policy selects namespaces by name and label, and says where its certificates are")
    func cluster() throws {
        var policy = ClusterTrustPolicy(
            metadata: ObjectMeta(name: "baseline"),
            spec: ClusterTrustPolicySpec(
                policy: try self.policy().spec,
                namespaceSelector: LabelSelector(matchLabels: ["tier": "prod"]),
                namespaces: .init(exclude: ["kube-system"])
            )
        )
        let compiled = try PolicyCompiler().compile(policy, now: now)
        #expect(compiled.policy.name == PolicyName(kind: .clusterTrustPolicy, name: "baseline"))
        #expect(compiled.selects(namespace: "shop", namespaceLabels: ["tier": "prod"], podLabels: [:]))
        #expect(!compiled.selects(namespace: "shop", namespaceLabels: [:], podLabels: [:]))
        #expect(!compiled.selects(namespace: "kube-system", namespaceLabels: ["tier": "prod"], podLabels: [:]))
        let key = CertificateSource.KeyReference(name: "trust", key: "ca.pem")
        policy.spec.policy.authorities[0].notary?.trustStores = [
            TrustStoreSource(type: "ca", certificates: CertificateSource(configMapRef: key))
        ]
        #expect(policy.certificateReferences.isEmpty)
        let error = #expect(throws: PolicyProblems.self) { try PolicyCompiler().compile(policy, now: now) }
        #expect(
            error?.problems.map(\.field) == [
                "spec.authorities[0].notary.trustStores[0].certificates.configMapRef.namespace"
            ]
        )
        policy.spec.policy.authorities[0].notary?.trustStores?[0].certificates.configMapRef?.namespace = "vigil-system"
        #expect(policy.certificateReferences.map(\.description) == ["ConfigMap vigil-system/trust, key ca.pem"])
    }

    @Test("an expired certificate is a warning, and the first to expire decides")
    func expiry() throws {
        let late = Date(timeIntervalSince1970: 3_000_000_000)
        let compiled = try PolicyCompiler().compile(policy(), now: late)
        #expect(compiled.warnings == ["trust store wabbit/ca:ca holds 1 expired of 1 certificates; replace them"])
    }

    @Test("a time-stamping authority's root comes through, and outlives its own expiry")
    func timestamping() throws {
        let root = try Samples.certificate("trustpolicy_timestamp.yaml", index: 1)
        let stamped = try policy { spec in
            spec.authorities[0].notary?.verifyTimestamp = "afterCertExpiry"
            let source = CertificateSource(inline: root)
            spec.authorities[0].notary?.trustStores?.append(TrustStoreSource(type: "tsa", certificates: source))
        }
        let compiled = try PolicyCompiler().compile(stamped, now: now)
        guard case .notary(let trust) = try #require(compiled.policy.authorities.first).source else { return }
        #expect(trust.verifyTimestamp == .afterCertExpiry)
        #expect(trust.trustStores.map(\.kind) == [.ca, .tsa])
        #expect(compiled.trustStores.map(\.name) == ["wabbit/ca:ca", "wabbit/tsa:tsa"])
        let late = try PolicyCompiler().compile(stamped, now: Date(timeIntervalSince1970: 3_000_000_000))
        #expect(
            late.warnings.last
                == "trust store wabbit/tsa:tsa holds 1 expired of 1 certificates; "
                + "add their successors, and keep them for the timestamps made before"
        )
    }

    @Test("random texts in every field never trap", arguments: 0..<20)
    func mutation(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let words = [
            "", "*", "x509.subject:", "x509.subject: C=US, ST=WA, O=\\", "sha256:", "-----BEGIN CERTIFICATE-----",
            "\u{0}", String(repeating: "9", count: 40), "10s", "strict", "ca",
        ]
        func word() -> String { words[Int.random(in: 0..<words.count, using: &random)] }
        for _ in 0..<50 {
            let policy = try policy { spec in
                spec.images = .init(include: [word()], exclude: [word()])
                spec.interval = word()
                spec.maxStaleness = word()
                spec.require = word()
                spec.decisions = [DecisionEntry(digest: word(), verdict: word(), reason: word(), expires: word())]
                spec.authorities[0] = AuthoritySource(
                    name: word(),
                    notary: NotarySource(
                        level: word(),
                        trustedIdentities: [word(), word()],
                        trustStores: [
                            TrustStoreSource(
                                type: word(),
                                name: word(),
                                certificates: CertificateSource(inline: word())
                            )
                        ]
                    )
                )
            }
            #expect(throws: PolicyProblems.self, "seed \(seed)") { try PolicyCompiler().compile(policy, now: now) }
        }
    }
}
