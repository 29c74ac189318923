import Testing

@testable import playground

@Suite("What a program said")
struct JudgementTests {
    private func notation(_ status: Int32, _ errors: String) -> Judgement {
        Judgement(notation: CaseRunner.Outcome(status: status, errors: errors))
    }

    private func vigil(_ status: Int32, _ output: String) -> Judgement {
        Judgement(vigil: CaseRunner.Outcome(status: status, output: output))
    }

    @Test(
        "notation's messages tell the reason",
        arguments: [
            ("level=error msg=expiry validation failed. Failure reason: x", ReasonClass.expiry),
            ("level=error msg=authenticTimestamp validation failed. Failure reason: x", .time),
            (
                "msg=revocation validation failed. Failure reason: signing certificate with subject \"x\" is revoked",
                .revoked
            ),
            (
                "msg=revocation validation failed. Failure reason: signing certificate with subject \"x\" revocation "
                    + "status is unknown",
                .revocationUnknown
            ),
            (
                "msg=authenticTimestamp validation failed. Failure reason: timestamping certificate \"x\" is revoked\n"
                    + "level=warning msg=Signature a failed verification with error: certificate \"x\" is revoked",
                .time
            ),
            ("level=warning msg=Signature a failed verification with error: content descriptor mismatch", .integrity),
            ("Error: signature verification failed: no signature is associated with x", .absence),
            ("Error: trust policy: trust policy statement x", .configuration),
        ]
    )
    func reasons(message: String, reason: ReasonClass) {
        #expect(notation(1, message + "\nError: signature verification failed for all") == .refused(reason))
    }

    @Test("A refusal with no telling message, or with several, has no reason; progress tells none")
    func untold() {
        #expect(notation(1, "Error: signature verification failed for all the signatures") == .refused(nil))
        let expiry = "level=error msg=expiry validation failed. Failure reason: x\n"
        #expect(notation(1, expiry + "level=error msg=integrity validation failed. Failure reason: y") == .refused(nil))
        #expect(notation(1, "level=info msg=content descriptor mismatch") == .refused(nil))
    }

    @Test("notation's failures that are only logged, its skip, and its crash")
    func notationOthers() {
        #expect(notation(0, "") == .accepted(logged: []))
        let warning = "Warning: expiry was set to \"log\" and failed with error: x"
        #expect(notation(0, warning) == .accepted(logged: ["expiry"]))
        #expect(notation(0, "Trust policy is configured to skip signature verification for x") == .skipped)
        #expect(notation(2, "panic: x") == .failed)
    }

    @Test("Vigil's report and its exit status")
    func vigilReport() {
        #expect(vigil(2, "") == .refused(.configuration))
        #expect(vigil(0, #"{"images": [{"skipped": true}]}"#) == .skipped)
        #expect(
            vigil(0, #"{"images": [{"skipped": false, "findings": [{"warnings": ["expiry: x"]}]}]}"#)
                == .accepted(logged: ["expiry"])
        )
        #expect(vigil(1, #"{"images": [{"reason": "SignatureExpired"}]}"#) == .refused(.expiry))
        #expect(vigil(1, #"{"images": [{"reason": "CertificateRevoked"}]}"#) == .refused(.revoked))
        #expect(vigil(3, #"{"images": [{"reason": "RevocationUnknown"}]}"#) == .refused(.revocationUnknown))
        #expect(vigil(3, #"{"images": [{"reason": "RevocationUnavailable"}]}"#) == .refused(.revocationUnknown))
        #expect(vigil(1, #"{"images": [{"reason": "RegistryUnreachable"}]}"#) == .failed)
        #expect(vigil(1, "no report") == .failed)
        #expect(vigil(139, "") == .failed)
    }
}
