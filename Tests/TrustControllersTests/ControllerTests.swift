import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Synchronization
import TestTiming
import Testing
import TrustControllers
import TrustModel
import TrustResources

/// The controllers between a cluster and a registry.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(5))) struct ControllerTests {
    @Test("a signed image becomes Trusted, with everything a person wants to know of it")
    func trusted() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            try await world.runPod("web-1", image: image)
            let found = try await world.verification(of: image) {
                $0.status?.verdict == .trusted && $0.status?.workloads?.pods == 2
            }
            let status = try #require(found.status)
            #expect(found.isManaged)
            #expect(found.spec.image == "registry.example.com/shop/web:v1@\(image.digest)")
            #expect(status.reason == .verified && status.digest == image.digest.description)
            #expect(status.verifiedDigest == image.digest.description)
            #expect(status.findings?.first?.signer?.contains("O=Example") == true)
            #expect(status.workloads?.sample == ["web-0", "web-1"] && status.workloads?.tags == ["v1"])
            #expect(status.validUntil != nil && status.observedGeneration == found.metadata.generation)
            for type in [ConditionType.verified, ConditionType.fresh, ConditionType.ready] {
                #expect(status.conditions?[type: type]?.status == .true, "\(type)")
            }
            #expect(status.history?.map(\.to) == [.trusted])
        }
    }

    @Test("a server that cannot stream lists is no hindrance")
    func withoutWatchList() async throws {
        try await ControllerWorld.run(streamsLists: false) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            try await world.deletePod("web-0")
            try await world.waitUntilGone(ImageVerification.self, ImageVerification.name(for: image.digest))
        }
    }

    @Test("an unsigned image is Unknown, is reported by Events on object and pod, and becomes Trusted once signed")
    func signedLater() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("api")
            var policy = world.policy()
            policy.spec.interval = "1s"
            try await world.apply(policy)
            try await world.runPod("api-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .noSignature }
            let verificationName = ImageVerification.name(for: image.digest)
            let warning = try await world.event(about: verificationName, reason: "ImageUnknown")
            #expect(warning.type == "Warning" && warning.note?.hasPrefix("NoSignature: ") == true)
            let podWarning = try await world.event(about: "api-0", reason: "ImageUnknown")
            #expect(podWarning.regarding?.kind == "Pod")
            try world.registry.sign(image, by: world.chain)
            let found = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(found.status?.history?.map(\.to) == [.trusted, .unknown])
        }
    }

    @Test("withdrawing trust, or marking a digest, arrives at once")
    func policyChanges() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            var marked = world.policy()
            marked.spec.decisions = [
                DecisionEntry(digest: image.digest.description, verdict: "Untrusted", reason: "CVE-2026-1234")
            ]
            try await world.apply(marked)
            let untrusted = try await world.verification(of: image) { $0.status?.verdict == .untrusted }
            #expect(untrusted.status?.reason == .markedUntrusted)
            #expect(untrusted.status?.message?.contains("CVE-2026-1234") == true)
            marked.spec.decisions?[0].verdict = "Unsupported"
            try await world.apply(marked)
            _ = try await world.verification(of: image) { $0.status?.reason == .markedUnsupported }
            try await world.apply(world.policy(identity: "x509.subject: C=US, ST=WA, O=Somebody Else"))
            _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }
        }
    }

    @Test("the object goes with the last pod, and a person's own stays")
    func removal() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            let gate = ImageVerification(
                metadata: ObjectMeta(name: "release-gate", namespace: world.namespace),
                spec: ImageVerificationSpec(image: "registry.example.com/shop/web@\(image.digest)")
            )
            _ = try await world.cluster.client.resource(ImageVerification.self).create(gate)
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let own = try await world.object(ImageVerification.self, "release-gate") { $0.status?.verdict == .trusted }
            #expect(own.status?.workloads == nil && !own.isManaged)
            try await world.deletePod("web-0")
            try await world.waitUntilGone(ImageVerification.self, ImageVerification.name(for: image.digest))
            _ = try await world.cluster.client.resource(ImageVerification.self)
                .get("release-gate", namespace: world.namespace)
        }
    }

    @Test("what pods run is judged as what they run, whatever somebody wrote into an object of its name")
    func nameTaken() async throws {
        try await ControllerWorld.run { world in
            let good = try world.registry.push("good")
            let bad = try world.registry.push("bad")
            try world.registry.sign(good, by: world.chain)
            try await world.apply(world.policy())
            let decoy = ImageVerification(
                metadata: ObjectMeta(name: ImageVerification.name(for: bad.digest), namespace: world.namespace),
                spec: ImageVerificationSpec(image: "registry.example.com/shop/web@\(good.digest)")
            )
            _ = try await world.client.resource(ImageVerification.self).create(decoy)
            _ = try await world.verification(of: bad) { $0.status?.verdict == .trusted }
            try await world.runPod("bad-0", image: bad)
            let found = try await world.verification(of: bad) { $0.status?.verdict == .unknown }
            #expect(found.status?.reason == .noSignature && found.status?.digest == bad.digest.description)
            #expect(!found.isManaged && found.isOfRunningImage && found.status?.workloads?.pods == 1)
            let policy = try await world.object(TrustPolicy.self, "shop") { $0.status?.images?.unknown == 1 }
            #expect(policy.status?.images?.trusted == 0)
        }
    }

    @Test("a policy and a verification that are being deleted, and held, count until they are gone")
    func heldDeletion() async throws {
        try await ControllerWorld.run { world in
            let hold: [String: JSONValue] = ["metadata": ["finalizers": ["example.com/hold"]]]
            let image = try world.registry.push("web")
            var policy = world.policy()
            policy.spec.interval = "1s"
            try await world.apply(policy)
            let policies = world.client.resource(TrustPolicy.self)
            _ = try await policies.patch("shop", namespace: world.namespace, .merge(.object(hold)))
            try await policies.delete("shop", namespace: world.namespace)
            try await world.runPod("web-0", image: image)
            let unsigned = try await world.verification(of: image) { $0.status?.reason == .noSignature }
            let verifications = world.client.resource(ImageVerification.self)
            _ = try await verifications.patch(unsigned.metadata.name, namespace: world.namespace, .merge(.object(hold)))
            try await verifications.delete(unsigned.metadata.name, namespace: world.namespace)
            try world.registry.sign(image, by: world.chain)
            let found = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(found.metadata.deletionTimestamp != nil)
            let release: [String: JSONValue] = ["metadata": ["finalizers": []]]
            _ = try await policies.patch("shop", namespace: world.namespace, .merge(.object(release)))
            try await world.waitUntilGone(TrustPolicy.self, "shop")
            _ = try await verifications.patch(found.metadata.name, namespace: world.namespace, .merge(.object(release)))
            try await world.waitUntilGone(ImageVerification.self, found.metadata.name)
        }
    }

    @Test(
        "a pod that is seen before its namespace is judged once that is seen too",
        .enabled(if: !IntegrationCluster.isReal, "needs faults of the API server")
    )
    func namespaceLater() async throws {
        let plan = FaultPlan(seed: testSeed("Controllers, namespaces"))
        try await ControllerWorld.run(seesCluster: true, faults: plan) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            var spec = ClusterTrustPolicySpec(policy: world.policy().spec)
            spec.namespaceSelector = LabelSelector(matchLabels: ["guarded": "yes"])
            let baseline = ClusterTrustPolicy(metadata: ObjectMeta(name: "\(world.namespace)-baseline"), spec: spec)
            _ = try await world.client.resource(ClusterTrustPolicy.self).create(baseline)
            _ = try await world.object(ClusterTrustPolicy.self, baseline.metadata.name) { $0.status?.conditions != nil }
            let held = plan.add(FaultMatch([.watch], "namespaces"), .withholdEvents())
            let late = ObjectMeta(name: "\(world.namespace)-late", labels: ["guarded": "yes"])
            _ = try await world.client.resource(Namespace.self).create(Namespace(metadata: late))
            try await world.runPod("late-0", image: image, in: late.name)
            // What comes after it was seen and judged, and it was not.
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            plan.remove(held)
            let selection = ObjectSelection(namespace: late.name)
            let found = try await world.firstObject(ImageVerification.self, in: selection) { $0.status?.verdict != nil }
            #expect(found?.status?.verdict == .trusted)
            try await world.client.resource(Namespace.self).delete(late.name)
        }
    }

    @Test(
        "who is told that the object of an image is there already looks again, and reads nothing by name",
        .enabled(if: !IntegrationCluster.isReal, "needs faults of the API server")
    )
    func createdMeanwhile() async throws {
        let plan = FaultPlan(seed: testSeed("Controllers, objects made meanwhile"))
        try await ControllerWorld.run(faults: plan) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            let creation = FaultMatch([.create], "imageverifications.vigil.dev")
            let taken = plan.add(creation, .status(409, "AlreadyExists"), .first(2))
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(plan.firings(of: taken) == 2)
            #expect(plan.requests(FaultMatch([.get], "imageverifications.vigil.dev")).isEmpty)
        }
    }

    @Test("a policy that cannot be applied says which field and how to mend it, and vouches for nothing")
    func invalidPolicy() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            var policy = world.policy()
            policy.spec.authorities[0].notary?.trustStores?[0].certificates.inline =
                "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
            try await world.apply(policy)
            try await world.runPod("web-0", image: image)
            let stalled = try await world.object(TrustPolicy.self, "shop") {
                $0.status?.conditions?[type: ConditionType.stalled]?.status == .true
            }
            let ready = try #require(stalled.status?.conditions?[type: ConditionType.ready])
            #expect(ready.status == .false)
            #expect(ready.message.contains("spec.authorities[0].notary.trustStores[0]"))
            let found = try await world.verification(of: image) { $0.status?.verdict != nil }
            #expect(found.status?.verdict == .unknown && found.status?.reason == .policyInvalid)
            try await world.apply(world.policy())
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("a policy counts the images it speaks for")
    func counts() async throws {
        try await ControllerWorld.run { world in
            let signed = try world.registry.push("signed")
            try world.registry.sign(signed, by: world.chain)
            let unsigned = try world.registry.push("unsigned")
            try await world.apply(world.policy())
            try await world.runPod("a", image: signed)
            try await world.runPod("b", image: unsigned)
            let policy = try await world.object(TrustPolicy.self, "shop") {
                $0.status?.images?.trusted == 1 && $0.status?.images?.unknown == 1
            }
            #expect(policy.status?.images?.total == 2)
            #expect(policy.status?.trustStores?.count == 1 && policy.status?.expires != nil)
            #expect(policy.status?.conditions?[type: ConditionType.ready]?.status == .true)
        }
    }

    @Test("what another writes into a policy's status is put right within seconds")
    func foreignStatus() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            try await world.runPod("a", image: image)
            _ = try await world.object(TrustPolicy.self, "shop") { $0.status?.images?.unknown == 1 }
            let edited = try await world.client.resource(TrustPolicy.self).patch(
                "shop",
                namespace: world.namespace,
                .merge(["status": ["images": ["unknown": 99]]]),
                subresource: "status"
            )
            #expect(edited.status?.images?.unknown == 99)
            _ = try await world.object(TrustPolicy.self, "shop") { $0.status?.images?.unknown == 1 }
        }
    }

    @Test("an image that no policy speaks for gets no object, and loses it when its policy goes")
    func uncovered() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            var policy = world.policy()
            policy.spec.podSelector = LabelSelector(matchLabels: ["app": "web"])
            try await world.apply(policy)
            let other = try world.registry.push("other")
            try await world.runPod("other-0", image: other, labels: ["app": "other"])
            try await world.runPod("web-0", image: image, labels: ["app": "web"])
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let all = try await world.cluster.client.resource(ImageVerification.self)
                .list(ObjectSelection(namespace: world.namespace))
            #expect(all.items.map(\.metadata.name) == [ImageVerification.name(for: image.digest)])
            try await world.cluster.client.resource(TrustPolicy.self).delete("shop", namespace: world.namespace)
            try await world.waitUntilGone(ImageVerification.self, ImageVerification.name(for: image.digest))
        }
    }

    @Test("an outage keeps the verdict, says so, and does not outlive maxStaleness")
    func outage() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            var policy = world.policy()
            policy.spec.interval = "1s"
            policy.spec.maxStaleness = "1h"
            try await world.apply(policy)
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            world.registry.setDown(true)
            let kept = try await world.verification(of: image) {
                $0.status?.conditions?[type: ConditionType.fresh]?.status == .false
            }
            #expect(kept.status?.verdict == .trusted)
            #expect(kept.status?.conditions?[type: ConditionType.fresh]?.reason == "RegistryUnreachable")
            world.time.advance(by: .seconds(3601))
            let stale = try await world.verification(of: image) { $0.status?.verdict == .unknown }
            #expect(stale.status?.reason == .verdictStale)
            world.registry.setDown(false)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("an outage before any verdict is Unknown, never unsigned and never good")
    func outageFirst() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            world.registry.setDown(true)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            let found = try await world.verification(of: image) { $0.status?.verdict != nil }
            #expect(found.status?.verdict == .unknown && found.status?.reason == .registryUnreachable)
        }
    }

    @Test("images without a repository digest, or with an unreadable image ID, are Unknown with the cause")
    func unidentified() async throws {
        try await ControllerWorld.run { world in
            try await world.apply(world.policy())
            let hex = String(repeating: "ab", count: 32)
            try await world.runPod("local-0", image: "local/tool:dev", imageID: "sha256:\(hex)")
            try await world.runPod("odd-0", image: "odd/tool:dev", imageID: "registry.example.com/x@sha1:12")
            let local = try await world.object(
                ImageVerification.self,
                ImageVerification.name(forReference: "local/tool:dev")
            ) { $0.status?.verdict != nil }
            #expect(local.status?.verdict == .unknown && local.status?.reason == .notInRegistry)
            let odd = try await world.object(
                ImageVerification.self,
                ImageVerification.name(forReference: "odd/tool:dev")
            ) { $0.status?.verdict != nil }
            #expect(odd.status?.verdict == .unknown && odd.status?.reason == .referenceInvalid)
        }
    }

    @Test("a cluster policy speaks in the namespaces it selects, beside their own policies, and the worst verdict wins")
    func clusterPolicy() async throws {
        try await ControllerWorld.run(seesCluster: true) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let strict = world.policy(identity: "x509.subject: C=US, ST=WA, O=Somebody Else").spec
            var spec = ClusterTrustPolicySpec(policy: strict)
            spec.namespaceSelector = LabelSelector(matchLabels: ["guarded": world.namespace])
            let policies = world.cluster.client.resource(ClusterTrustPolicy.self)
            let name = "\(world.namespace)-baseline"
            _ = try await policies.create(ClusterTrustPolicy(metadata: ObjectMeta(name: name), spec: spec))
            // It does not speak here before the namespace carries the label.
            _ = try await world.cluster.client.resource(Namespace.self).patch(
                world.namespace,
                .merge(["metadata": ["labels": ["guarded": .string(world.namespace)]]])
            )
            let found = try await world.verification(of: image) { $0.status?.verdict == .unknown }
            #expect(found.status?.reason == .noTrustedSignature)
            #expect(
                Set(found.status?.findings?.map(\.policy) ?? []) == [
                    "ClusterTrustPolicy/\(name)", "TrustPolicy/\(world.namespace)/shop",
                ]
            )
            try await policies.delete(name)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("nothing is written while nothing changes, and a pod more asks no registry")
    func quiet() async throws {
        try await ControllerWorld.run { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            let versions = Mutex<Set<String>>([])
            async let last = world.firstObject(
                ImageVerification.self,
                in: ObjectSelection(namespace: world.namespace)
            ) { object in
                versions.withLock { _ = $0.insert(object.metadata.resourceVersion ?? "") }
                return object.status?.workloads?.pods == 2
            }
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            _ = try await world.object(TrustPolicy.self, "shop") { $0.status?.images?.trusted == 1 }
            let listings = world.registry.listings
            try await world.runPod("web-1", image: image)
            _ = try await world.verification(of: image) { $0.status?.workloads?.pods == 2 }
            #expect(world.registry.listings == listings)
            #expect(try await last != nil)
            // Created, judged, and once more for the second pod.
            #expect(versions.withLock(\.count) <= 3)
            // The stand-in knows of every request, also of one that changes nothing.
            guard let embedded = world.cluster.embedded else { return }
            let writes = await embedded.recordedMutations.filter {
                $0.path.contains("/imageverifications") && $0.path.contains(world.namespace)
            }
            #expect(writes.count == 3)
        }
    }
}
