import OCIModel
import Testing

@testable import ImageTrust

/// Which names mirrors lead to.
struct RegistryMirrorsTests {
    private func mirrors(_ texts: String...) throws -> RegistryMirrors {
        try RegistryMirrors(texts.map { try #require(RegistryMirror($0)) })
    }

    @Test("a name at a mirror is that of its origin, and whole components count")
    func origins() throws {
        let mirrors = try mirrors(
            "docker.io=mirror.example:5000/hub=both",
            "registry.example.com/shop=mirror.example:5000/shop=mirror"
        )
        for (name, origin) in [
            ("mirror.example:5000/hub/library/nginx", "docker.io/library/nginx"),
            ("mirror.example:5000/shop/web", "registry.example.com/shop/web"),
            ("mirror.example:5000/shop", "registry.example.com/shop"),
            ("mirror.example:5000/hubert/nginx", "mirror.example:5000/hubert/nginx"),
            ("mirror.example/hub/library/nginx", "mirror.example/hub/library/nginx"),
            ("mirror.example:5000/hub", "mirror.example:5000/hub"),
            ("docker.io/library/nginx", "docker.io/library/nginx"),
            ("other.example/hub/library/nginx", "other.example/hub/library/nginx"),
        ] {
            #expect(mirrors.origin(of: try RepositoryName(name)).description == origin)
        }
        let reference = try ImageReference("mirror.example:5000/hub/library/nginx:1.27")
        #expect(mirrors.origin(of: reference).description == "docker.io/library/nginx:1.27")
    }

    @Test("the longest beginning of an origin decides who is asked")
    func places() throws {
        let mirrors = try mirrors(
            "docker.io=m.example/hub=both",
            "docker.io/library=m.example/library=mirror",
            "docker.io/own=m.example/own=origin"
        )
        func places(_ name: String) throws -> RegistryMirrors.Places { mirrors.places(of: try RepositoryName(name)) }
        #expect(try places("docker.io/library/nginx") == .one(RepositoryName("m.example/library/nginx")))
        #expect(try places("docker.io/own/app") == .one(RepositoryName("docker.io/own/app")))
        #expect(
            try places("docker.io/libraryx/nginx")
                == .both(
                    origin: RepositoryName("docker.io/libraryx/nginx"),
                    mirror: RepositoryName("m.example/hub/libraryx/nginx")
                )
        )
        #expect(try places("quay.io/a/b") == .one(RepositoryName("quay.io/a/b")))
        #expect(try mirrors.asked([RepositoryName("docker.io/a/b")]).count == 2)
    }

    @Test(
        "mirrors that give an image two origins, or two mirrors, are refused",
        arguments: [
            ["docker.io=m.example/a=both", "docker.io=m.example/b=both"],
            ["docker.io=m.example/a=both", "quay.io=m.example/a=both"],
            ["docker.io=m.example=both", "quay.io=m.example/quay=both"],
            ["docker.io=docker.io/mirror=both"], ["docker.io/a=docker.io=both"],
            ["docker.io=m.example=both", "m.example/x=n.example=both"],
        ]
    )
    func contradictions(_ texts: [String]) throws {
        let mirrors = try texts.map { try #require(RegistryMirror($0)) }
        #expect(throws: RegistryMirrors.Defect.self) { try RegistryMirrors(mirrors) }
    }

    @Test(
        "what is no mirror is not read",
        arguments: [
            "", "docker.io", "docker.io=m.example", "docker.io=m.example=all", "docker.io=m.example=both=x",
            "=m.example=both",
            "docker.io==both", "docker.io/=m.example=both", "docker.io=m.example/UPPER=both",
            "docker.io=https://m.example=both",
            "docker.io=m.example/../x=both", "docker.io=m.example/a:tag=both",
        ]
    )
    func unreadable(_ text: String) {
        #expect(RegistryMirror(text) == nil)
    }
}
