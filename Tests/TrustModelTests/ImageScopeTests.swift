import OCIModel
import Testing
import TrustModel

@Suite struct ImageScopeTests {
    @Test(
        "patterns speak for exactly what they name",
        arguments: [
            ([], [], true), (["*"], [], true), (["registry.example.com/shop/web"], [], true),
            (["registry.example.com/shop/*"], [], true), (["registry.example.com/*"], [], true),
            (["registry.example.com/shop"], [], false), (["registry.example.com/sho*"], [], false),
            (["registry.example.com/shop/web/*"], [], false), (["*"], ["registry.example.com/shop/*"], false),
            (["Registry.example.com/shop/web"], [], false), ([], ["registry.example.com/shop/web"], false),
        ] as [([String], [String], Bool)]
    )
    func scope(_ include: [String], _ exclude: [String], _ expected: Bool) throws {
        let repository = try RepositoryName("registry.example.com/shop/web")
        #expect(ImageScope(include: include, exclude: exclude).contains(repository) == expected)
    }

    @Test("a scope that does not speak says why, and only then")
    func silence() throws {
        let web = try RepositoryName("registry.example.com/shop/web")
        #expect(ImageScope(include: ["registry.example.com/*"]).silence(about: web) == nil)
        #expect(
            ImageScope(include: ["a.example/*", "b.example/*"]).silence(about: web)
                == "its scope is a.example/*, b.example/*"
        )
        let excluding = ImageScope(exclude: ["registry.example.com/shop/*"])
        #expect(excluding.silence(about: web) == "its scope excludes registry.example.com/shop/*")
        #expect(ImageScope().silence(about: nil) == nil)
        #expect(ImageScope(include: ["a.example/*"]).silence(about: nil)?.contains("cannot be read") == true)
    }

    @Test("an image without a readable repository is covered only by a scope for every image")
    func unreadable() {
        #expect(ImageScope().contains(nil) && ImageScope(include: ["*"]).contains(nil))
        #expect(!ImageScope(include: ["registry.example.com/*"]).contains(nil))
    }

    @Test("patterns that could never match are refused with what to write instead")
    func defects() {
        for pattern in [
            "", "a/*/b", "*/a", "registry.example.com/Web", "registry.example.com/web:v1", "https://x/y", "a b/*",
        ] {
            #expect(ImageScope.defect(inPattern: pattern) != nil, "\(pattern)")
        }
        for pattern in ["*", "registry.example.com/*", "localhost:5000/web", "docker.io/library/nginx"] {
            #expect(ImageScope.defect(inPattern: pattern) == nil, "\(pattern)")
        }
    }
}
