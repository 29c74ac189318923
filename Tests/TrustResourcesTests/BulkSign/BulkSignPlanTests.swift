import FoundationEssentials
import KubernetesAPI
import Testing
import TrustModel

@testable import TrustResources

/// Which images are signed in bulk, and which never.
@Suite("Images to sign in bulk")
struct BulkSignPlanTests {
    private static func digest(_ character: Character) -> String { "sha256:" + String(repeating: character, count: 64) }

    private static func result(
        _ character: Character,
        _ verdict: Verdict?,
        _ reason: Reason,
        namespace: String = "shop",
        repository: String = "registry.example.com/shop/web",
        pods: Int = 1,
        history: [(Verdict?, Verdict)] = [],
        isStale: Bool = false
    ) -> ImageResult {
        var status = ImageVerificationStatus()
        status.verdict = verdict
        status.reason = reason
        status.digest = digest(character)
        status.repository = repository
        status.history = history.map {
            .init(time: KubernetesTime(Date(timeIntervalSince1970: 0)), from: $0.0, to: $0.1, reason: .noSignature)
        }
        if isStale {
            status.conditions = [
                Condition(
                    type: ConditionType.fresh,
                    status: .false,
                    lastTransitionTime: KubernetesTime(Date(timeIntervalSince1970: 0)),
                    reason: "RegistryUnreachable",
                    message: ""
                )
            ]
        }
        let metadata = ObjectMeta(name: "sha256-\(character)", namespace: namespace)
        let specification = ImageVerificationSpec(image: "\(repository)@\(digest(character))")
        return ImageResult(ImageVerification(metadata: metadata, spec: specification, status: status), pods: pods)
    }

    private static let web = "registry.example.com/shop/web"

    @Test("what was looked at and is unsigned is signed, once however often it runs, in order")
    func unsigned() {
        let plan = BulkSignPlan([
            Self.result("b", .unknown, .noSignature), Self.result("a", .unknown, .notNotarized),
            Self.result("b", .unknown, .noSignature, namespace: "other"),
        ])
        #expect(plan.images == ["\(Self.web)@\(Self.digest("a"))", "\(Self.web)@\(Self.digest("b"))"])
        #expect(plan.leftOut.isEmpty)
    }

    @Test(
        "nothing else that is Unknown is signed: an outage says nothing, and a stranger's signature says whose image it is",
        arguments: [
            Reason.registryUnreachable, .registryUnauthorized, .registryThrottled, .registryMalformed,
            .ledgerUnreachable, .trustStoreUnavailable, .revocationUnavailable, .revocationUnknown, .noTrustedSignature,
            .notInRegistry, .referenceInvalid, .imageNotFound, .timestampUnavailable, .pluginRequired,
            .tooManySignatures, .policyInvalid, .skippedByPolicy, .verdictStale, Reason(rawValue: "New"),
        ]
    )
    func unknown(_ reason: Reason) {
        let plan = BulkSignPlan([Self.result("a", .unknown, reason)])
        #expect(plan.images.isEmpty && plan.leftOut == [.unknown(reason): 1])
    }

    @Test("Untrusted, Unsupported and Trusted images are left out; so is what has no verdict")
    func judged() {
        let plan = BulkSignPlan([
            Self.result("a", .untrusted, .markedUntrusted), Self.result("b", .unsupported, .markedUnsupported),
            Self.result("c", .trusted, .verified), Self.result("d", nil, .pending),
        ])
        #expect(plan.images.isEmpty)
        #expect(
            plan.leftOut == [
                .judged(.untrusted): 1, .judged(.unsupported): 1, .trusted: 1, .unjudged(.pending): 1,
            ]
        )
    }

    @Test("what is Untrusted in one namespace, running there or not, is signed in none")
    func elsewhere() {
        for pods in [0, 1] {
            let plan = BulkSignPlan(
                [
                    Self.result("a", .unknown, .noSignature),
                    Self.result("a", .untrusted, .markedUntrusted, namespace: "prod", pods: pods),
                ],
                namespace: "shop"
            )
            #expect(plan.images.isEmpty && plan.leftOut == [.judged(.untrusted): 1])
        }
    }

    @Test("an image whose bad signature somebody took away is not signed for that")
    func before() {
        for history in [[(Verdict?.some(.untrusted), Verdict.unknown)], [(.none, .unknown), (.none, .unsupported)]] {
            let plan = BulkSignPlan([Self.result("a", .unknown, .noSignature, history: history)])
            #expect(plan.images.isEmpty && plan.leftOut.count == 1, "\(plan)")
        }
        let fallen = [(Verdict?.some(.trusted), Verdict.unknown), (.none, .trusted)]
        #expect(BulkSignPlan([Self.result("a", .unknown, .noSignature, history: fallen)]).images.count == 1)
    }

    @Test("what could not be looked at since is not signed by what was seen earlier")
    func stale() {
        let plan = BulkSignPlan([Self.result("a", .unknown, .noSignature, isStale: true)])
        #expect(plan.images.isEmpty && plan.leftOut == [.stale: 1])
    }

    @Test("what does not run, or runs elsewhere, is neither signed nor counted")
    func running() {
        let results = [
            Self.result("a", .unknown, .noSignature, pods: 0),
            Self.result("b", .unknown, .noSignature, namespace: "other"),
        ]
        let plan = BulkSignPlan(results, namespace: "shop")
        #expect(plan.images.isEmpty && plan.leftOut.isEmpty)
    }

    @Test(
        "what is no reference by every rule never reaches a script",
        arguments: [
            "x'; touch pwned; '", "$(touch pwned)", "-rf", "a b", "registry.example.com/a\nb", "REGISTRY/../x", "",
            String(repeating: "a", count: 3000),
        ]
    )
    func hostile(_ repository: String) {
        let plan = BulkSignPlan([Self.result("a", .unknown, .noSignature, repository: repository)])
        #expect(plan.images.isEmpty && plan.leftOut == [.nameless: 1])
    }
}
