import Testing

@testable import playground

@Suite("What a registry was asked in a pass over images")
struct RegistryPassTests {
    private static func pass(_ targets: [String], conditional: Int = 0) -> RegistryPass {
        RegistryPass(
            targets.enumerated().map { RegistryPass.Request(target: $1, isConditional: $0 < conditional) }
        )
    }

    @Test("lists of signatures are counted by the manifest, with or without a filter; everything else is told apart")
    func sorted() {
        let type = "?artifactType=application%2Fvnd.cncf.notary.signature"
        let pass = Self.pass(
            [
                "/v2/shop/web/referrers/sha256:aa\(type)", "/v2/shop/web/referrers/sha256:bb\(type)",
                "/v2/shop/web/referrers/sha256:aa", "/v2/shop/web/manifests/sha256:aa", "/v2/shop/web/blobs/sha256:cc",
                "/v2/shop/referrers/manifests/v1", "/v2/",
            ],
            conditional: 2
        )
        #expect(pass.requests == 7 && pass.conditional == 2)
        #expect(pass.images == 2 && pass.most == 2 && pass.others == 4)
    }

    @Test("one that was asked nothing has no image, and no most")
    func empty() {
        let pass = Self.pass([])
        #expect(pass.requests == 0 && pass.images == 0 && pass.most == 0 && pass.others == 0)
    }
}
