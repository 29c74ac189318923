import Foundation
import TestDocuments
import Testing

/// The `Dockerfile`, as far as it can be read where there is no container engine: it makes the image that
/// `hack/build-image` makes, from files that are there.
@Suite("Dockerfile") struct DockerfileTests {
    private struct Instruction {
        let stage: Int
        let name: String
        let arguments: [String]
    }

    private let instructions: [Instruction]
    private let builder: String

    init() throws {
        let text = try Checkout.text("Dockerfile").replacing("\\\n", with: " ")
        var stage = -1
        instructions = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ").map(String.init)
            if words[0] == "FROM" { stage += 1 }
            return Instruction(stage: stage, name: words[0], arguments: Array(words.dropFirst()))
        }
        builder = try Checkout.text("hack/build-image")
    }

    private func all(_ name: String, stage: Int) -> [[String]] {
        instructions.filter { $0.stage == stage && $0.name == name }.map(\.arguments)
    }

    @Test("there are two stages, and the second has nothing of the compiler's")
    func stages() throws {
        let bases = instructions.filter { $0.name == "FROM" }.map(\.arguments)
        try #require(bases.count == 2)
        #expect(bases[0].first?.hasPrefix("swift:") == true && bases[0].suffix(2) == ["AS", "build"])
        #expect(bases[1] == ["debian:bookworm-slim"])
        // What was linked on one release of Debian runs on the same.
        #expect(bases[0].first?.hasSuffix("-bookworm") == true)
        #expect(all("COPY", stage: 1).count == 1 && all("ADD", stage: 1).isEmpty)
    }

    @Test("what it copies is there, and is sent to the engine")
    func sources() throws {
        let ignored = try Set(Checkout.text(".dockerignore").split(separator: "\n").map(String.init))
        let copied = all("COPY", stage: 0).flatMap { $0.dropLast() }
        for needed in ["Package.swift", "Makefile", "hack", "Sources", "Tests"] {
            #expect(copied.contains(needed), "\(needed)")
        }
        for path in copied {
            #expect(FileManager.default.fileExists(atPath: Checkout.url(path).path), "\(path)")
            #expect(!ignored.contains(path), "\(path)")
        }
    }

    @Test("it builds as the Makefile does, and takes the program that comes of that")
    func program() throws {
        let makefile = try Checkout.text("Makefile")
        #expect(all("RUN", stage: 0).last == ["make", "release"])
        #expect(makefile.contains("\nrelease: ") && makefile.contains("\nRELEASE := .build/release\n"))
        let folder = try #require(all("WORKDIR", stage: 0).first?.first)
        let copy = try #require(all("COPY", stage: 1).first)
        #expect(copy == ["--from=build", "\(folder)/.build/release/vigil", "/usr/bin/vigil"])
    }

    @Test("user, entry, port and folder are those of the other image, and the user that of the Deployment")
    func configuration() throws {
        let user = try #require(all("USER", stage: 1).last?.first)
        #expect(builder.contains("\"User\":\"\(user)\""))
        let deployment = try Checkout.text("config/manager/deployment.yaml")
        let numbers = user.split(separator: ":")
        #expect(numbers.count == 2 && numbers.allSatisfy { (Int($0) ?? 0) > 0 })
        #expect(deployment.contains("runAsUser: \(numbers[0])\n") && deployment.contains("runAsGroup: \(numbers[1])\n"))
        let entry = try #require(all("ENTRYPOINT", stage: 1).last?.joined(separator: " "))
        #expect(builder.contains("\"Entrypoint\":\(entry)"))
        let port = try #require(all("EXPOSE", stage: 1).last?.first)
        #expect(builder.contains("\"\(port)/tcp\"") && deployment.contains("containerPort: \(port)\n"))
        let folder = try #require(all("WORKDIR", stage: 1).last?.first)
        #expect(builder.contains("\"WorkingDir\":\"\(folder)\""))
        #expect(all("CMD", stage: 1).isEmpty)
    }
}
