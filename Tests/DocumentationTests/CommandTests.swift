import TestDocuments
import Testing

/// Every command that the documentation tells people to type.
@Suite("Commands in the documentation")
struct CommandTests {
    /// What is wrong with the commands of pages, each with its place.
    private static func violations(_ documentation: Documentation, _ rules: CommandRules) -> [String] {
        documentation.scripts.flatMap { block, script in
            script.problems.map { "\(block.place): \($0)" }
                + script.commands.flatMap { command in
                    rules.violations(in: command).map { "\(block.page):\(command.line): \($0)" }
                }
        }
    }

    @Test("each is one that our parser takes, our Makefile has, or that is listed with the reason why nobody can tell")
    func thisCheckout() throws {
        let documentation = Documentation.checkout
        for violation in Self.violations(documentation, try .checkout()) { Issue.record("\(violation)") }
        let commands = documentation.scripts.flatMap(\.script.commands)
        #expect(commands.count(where: { CommandRules.ownNames.contains($0.words[0]) }) > 30)
        let used = Set(commands.map { $0.words[0] })
        #expect(Set(CommandRules.foreign.keys).subtracting(used).sorted() == [], "no page calls these any more")
    }

    @Test(
        "each kind of mistake is found, with its line",
        arguments: [
            ("vigil verify --polciy p.yaml image", "Unknown option '--polciy'"),
            ("vigil verfy image", "verfy"),
            (".build/release/vigil operator --workers=0x", "--workers"),
            ("kubectl vigil forecast --withn 90d", "--withn"),
            ("kubectl exec deployment/vigil -- vigil config sho", "sho"),
            ("echo ok | vigil config check", "file"),
            ("date \"$(vigil list --jsn image)\"", "--jsn"),
            ("make tset", "the Makefile has no target tset"),
            ("make test FLITER=x", "the Makefile knows no variable FLITER"),
            ("kubectl apply -k config/promtheus", "config/promtheus has no kustomization.yaml"),
            ("kubectl apply -f config/samples/none.yaml", "there is no config/samples/none.yaml"),
            ("helm install vigil charts/vigli", "there is no charts/vigli"),
            ("hack/none", "there is no hack/none"),
            ("format-disk /", "is no program that the documentation may call"),
            ("vigil list 'image", "a quote has no end"),
        ]
    )
    func mistakes(command: String, expected: String) throws {
        let page = "# Page\n\n```sh\nmake test    # fine\n\(command)\n```\n"
        let found = Self.violations(Documentation(["docs/page.md": page]), try .checkout())
        #expect(found.contains { $0.contains(expected) }, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("docs/page.md:5: ") || $0.hasPrefix("docs/page.md:3: ") }, "\(found)")
    }

    @Test("behind a prompt it is a command, elsewhere in a block of output it is not")
    func prompts() throws {
        let page =
            "```console\n$ vigil \\\n  verfy\nvigil nonsense\n$ make test\n```\n```text\n$ make tset\nmake x\n```\n"
        let found = Self.violations(Documentation(["docs/page.md": page]), try .checkout())
        #expect(found.count == 2 && found[1] == "docs/page.md:8: the Makefile has no target tset", "\(found)")
    }

    @Test("pipes, lists, quotes, comments, substitutions and here-documents are read as a shell reads them")
    func shell() {
        let script = ShellScript(
            """
            A=1 B="x y" one 'a b' "c \\"d\\"" e\\ f   # comment | not
            two --x={.a} | three && (four > /dev/null; five 2>&1 < in)
            six "$(seven 'x)' y)" # z
            eight \\
              nine
            ten -f - <<'END' | eleven
            kind: A   # kept
            END
            twelve
            """
        )
        #expect(
            script.commands.map(\.words) == [
                ["one", "a b", "c \"d\"", "e f"], ["two", "--x={.a}"], ["three"], ["four"], ["five"],
                ["seven", "x)", "y"], ["six", ShellScript.substituted], ["eight", "nine"], ["ten", "-f", "-"],
                ["eleven"], ["twelve"],
            ]
        )
        #expect(script.commands.map(\.line) == [1, 2, 2, 2, 2, 3, 3, 4, 6, 6, 9])
        #expect(script.commands[8].input == "kind: A   # kept\n")
        #expect(script.problems == [])
    }

    @Test(
        "programs that check their own flags take those that are written",
        .enabled(if: try Tool.areInstalled, Tool.reason)
    )
    func flags() async throws {
        let commands = Documentation.checkout.scripts.flatMap { block, script in
            script.commands.map { ("\(block.page):\($0.line)", $0.words) }
        }
        var count = 0
        for (place, words) in commands where CommandRules.checkedByHelp.contains(words[0]) {
            guard words.dropFirst().first != "vigil" else { continue }
            count += 1
            let text = try await Self.refusal(of: words)
            #expect(text == nil, "\(place): \(words.joined(separator: " ")): \(text ?? "")")
        }
        #expect(count > 30)
        for wrong in [
            "kubectl get pods --al", "kubectl gett pods", "helm upgrade a b --sett x=y", "oras cp a b --form x",
        ] {
            #expect(try await Self.refusal(of: wrong.split(separator: " ").map(String.init)) != nil, "\(wrong)")
        }
    }

    /// What a program says about a command when it is asked for help with it: it reads the flags first.
    private static func refusal(of words: [String]) async throws -> String? {
        guard let tool = Tool(rawValue: words[0]) else { return "is not installed" }
        let own = words.dropFirst().prefix { $0 != "--" }
        let outcome = try await tool.run(own + ["--help"])
        return outcome.isSuccess ? nil : outcome.errors
    }
}
