import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import Synchronization

@testable import ImageTrust

/// Revocation services that say what a test wants, and count who asks.
final class ScriptedRevocation: RevocationSource {
    private struct State {
        var answers: [String: [UInt8]?] = [:]
        var calls: [String] = []
        var gate: Gate?
    }

    private let state = Mutex(State())

    /// The URLs that were asked, in order.
    var calls: [String] { state.withLock(\.calls) }

    /// What is answered at `url`; `nil` for nobody there.
    func answer(_ url: String, _ bytes: [UInt8]?) { state.withLock { $0.answers[url] = .some(bytes) } }

    /// Lets everybody wait at `gate`.
    func hold(at gate: Gate) { state.withLock { $0.gate = gate } }

    func answer(
        to request: RevocationRequest,
        for lookup: RevocationLookup,
        now: Date
    ) async -> RevocationAnswer {
        let (bytes, gate) = state.withLock { state in
            state.calls.append(request.url)
            return (state.answers[request.url] ?? nil, state.gate)
        }
        // Whoever is cancelled goes on, and not before.
        await withTaskCancellationHandler {
            await gate?.pass()
        } onCancel: {
            gate?.open()
        }
        return bytes.map { .bytes($0, receivedAt: now) } ?? .failure("nobody is there")
    }
}

/// A signer whose certificate names a responder and, if wanted, a list.
struct RevocableSigner {
    static let responder = "http://ocsp.example.com"
    static let list = "http://crl.example.com/ca.crl"
    static let now = TrustScene.now

    let root: TestCertificate
    let authority: TestCertificate
    let leaf: TestCertificate

    init(ocsp: Bool = true, list: Bool = false) throws {
        root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 900))
        authority = try CertificateRecipe.authority("Issuing CA").issue(.shared(.p256, 901), by: root)
        var recipe = CertificateRecipe.leaf()
        recipe.ocspURL = ocsp ? Self.responder : nil
        recipe.revocationListURL = list ? Self.list : nil
        leaf = try recipe.issue(.shared(.p256, 902), by: authority)
    }

    var chain: TestChain { TestChain([leaf, authority, root]) }

    var question: RevocationQuestion {
        get throws {
            RevocationQuestion(
                purpose: .codeSigning,
                certificates: try chain.der.map { try X509Certificate(der: $0) }
            )
        }
    }

    var lookup: RevocationLookup {
        get throws { try question.lookups[0] }
    }

    /// What is asked first.
    func request() throws -> RevocationRequest {
        guard case .ask(let requests) = try lookup.progress(RevocationEvidence(), now: Self.now) else {
            throw Nothing()
        }
        return requests[0]
    }

    struct Nothing: Error {}

    func response(
        _ status: OCSPRecipe.Status = .good,
        at now: Date = Self.now,
        for seconds: TimeInterval = 86_400
    ) throws -> [UInt8] {
        var recipe = OCSPRecipe(now: now, status: status)
        recipe.nextUpdate = now.addingTimeInterval(seconds)
        return try recipe.respond(authority)
    }
}
