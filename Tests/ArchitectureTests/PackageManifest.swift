/// What the checks need of a `Package.swift`, read from its text: SwiftPM itself cannot be asked while it runs a test.
///
/// Understood are `.target`, `.executableTarget` and `.testTarget` with a literal name and a literal list of
/// dependencies, in which a constant declared as `let name: Target.Dependency = .product(…)` may stand for a product.
/// Anything else is an error, so that a form the reader does not know cannot hide an arrow.
struct PackageManifest {
    /// One declared target.
    struct Target: Hashable {
        var name: String
        var isTest: Bool
        /// The targets of this package that it names.
        var targets: Set<String>
        /// The products of other packages that it names.
        var products: Set<String>
    }

    /// Why a manifest could not be read.
    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    var targets: [Target]

    /// Reads the manifest.
    ///
    /// - Throws: ``Unreadable`` for a target that is not written in a form this reader knows.
    init(_ text: String) throws {
        let text = SwiftText.withoutComments(text)
        let constants = try Self.productConstants(in: text)
        targets = []
        for (kind, isTest) in [(".target(", false), (".executableTarget(", false), (".testTarget(", true)] {
            for call in Self.calls(to: kind, in: text) {
                // `.target(name: "X")` is also how a dependency may be written; that is read with its target.
                guard !call.isInsideDependencies else { continue }
                targets.append(try Self.target(call.arguments, isTest: isTest, constants: constants))
            }
        }
    }

    /// The declared target called `name`.
    func target(_ name: String) -> Target? { targets.first { $0.name == name } }

    /// The targets and products that end up in `name`: its own and those of every target it depends on.
    func closure(of name: String) -> (targets: Set<String>, products: Set<String>) {
        var reached: Set<String> = []
        var products: Set<String> = []
        var open = [name]
        while let next = open.popLast() {
            guard reached.insert(next).inserted, let target = target(next) else { continue }
            products.formUnion(target.products)
            open.append(contentsOf: target.targets)
        }
        return (reached, products)
    }

    private struct Call {
        var arguments: Substring
        var isInsideDependencies: Bool
    }

    private static func calls(to opening: String, in text: String) -> [Call] {
        text.ranges(of: opening).compactMap { range in
            guard let end = closing(of: ")", in: text[range.upperBound...]) else { return nil }
            let before = text[..<range.lowerBound]
            let lastList = before.ranges(of: "dependencies:").last.map { text[$0.upperBound...] }
            let lastListEnd = lastList.flatMap { list in
                list.firstIndex(of: "[").flatMap { closing(of: "]", in: text[text.index(after: $0)...]) }
            }
            // Inside when the last list of dependencies opened before this call closes after it.
            let isInside = lastListEnd.map { $0 > range.lowerBound } ?? false
            return Call(arguments: text[range.upperBound..<end], isInsideDependencies: isInside)
        }
    }

    /// Where the bracket that is open at the start of `text` closes.
    private static func closing(of bracket: Character, in text: Substring) -> Substring.Index? {
        var depth = 0
        var isInString = false
        for index in text.indices {
            let character = text[index]
            if character == "\"" { isInString.toggle() }
            guard !isInString else { continue }
            if depth == 0, character == bracket { return index }
            if "([".contains(character) { depth += 1 }
            if ")]".contains(character) { depth -= 1 }
        }
        return nil
    }

    private static func target(_ arguments: Substring, isTest: Bool, constants: [String: String]) throws -> Target {
        guard let name = literal(after: "name:", in: arguments) else {
            throw Unreadable(description: "a target without a literal name: \(arguments.prefix(80))")
        }
        guard literal(after: "path:", in: arguments) == nil else {
            throw Unreadable(description: "\(name): a target lives in the folder of its name; remove its path")
        }
        var target = Target(name: name, isTest: isTest, targets: [], products: [])
        guard let label = arguments.ranges(of: "dependencies:").first else { return target }
        let rest = arguments[label.upperBound...].drop(while: \.isWhitespace)
        guard rest.first == "[", let end = closing(of: "]", in: rest.dropFirst()) else {
            throw Unreadable(description: "\(name): its dependencies are not a literal list")
        }
        let after = rest[end...].dropFirst().drop(while: \.isWhitespace)
        guard after.isEmpty || after.first == "," else {
            throw Unreadable(description: "\(name): its list of dependencies is computed; write it out")
        }
        for element in elements(of: rest[..<end].dropFirst()) {
            try target.add(element, constants: constants)
        }
        return target
    }

    /// The elements of a list, split at the commas that are not inside brackets or strings.
    private static func elements(of list: Substring) -> [Substring] {
        var elements: [Substring] = []
        var start = list.startIndex
        var depth = 0
        var isInString = false
        for index in list.indices {
            let character = list[index]
            if character == "\"" { isInString.toggle() }
            guard !isInString else { continue }
            if "([".contains(character) { depth += 1 }
            if ")]".contains(character) { depth -= 1 }
            if character == ",", depth == 0 {
                elements.append(list[start..<index])
                start = list.index(after: index)
            }
        }
        elements.append(list[start...])
        return elements.map(trimmed).filter { !$0.isEmpty }
    }

    private static func productConstants(in text: String) throws -> [String: String] {
        let declaration = #/let\s+(\w+)(?:\s*:\s*(?:Target\.)?Dependency)?\s*=\s*(?:Target\.Dependency)?\.product\(/#
        var constants: [String: String] = [:]
        for match in text.matches(of: declaration) {
            guard let end = closing(of: ")", in: text[match.range.upperBound...]),
                let product = literal(after: "name:", in: text[match.range.upperBound..<end])
            else { throw Unreadable(description: "the constant \(match.output.1) names no product") }
            constants[String(match.output.1)] = product
        }
        return constants
    }

    fileprivate static func literal(after label: String, in text: Substring) -> String? {
        guard let range = text.ranges(of: label).first else { return nil }
        let rest = text[range.upperBound...].drop(while: \.isWhitespace)
        guard rest.first == "\"" else { return nil }
        let body = rest.dropFirst()
        return body.firstIndex(of: "\"").map { String(body[..<$0]) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension PackageManifest.Target {
    fileprivate mutating func add(_ element: Substring, constants: [String: String]) throws {
        if element.first == "\"", let end = element.dropFirst().firstIndex(of: "\"") {
            targets.insert(String(element.dropFirst()[..<end]))
        } else if element.hasPrefix(".product("), let product = PackageManifest.literal(after: "name:", in: element) {
            products.insert(product)
        } else if element.hasPrefix(".target(") || element.hasPrefix(".byName("),
            let target = PackageManifest.literal(after: "name:", in: element)
        {
            targets.insert(target)
        } else if let product = constants[String(element)] {
            products.insert(product)
        } else {
            throw PackageManifest.Unreadable(
                description: "\(name): the dependency \(element) is neither a literal nor a constant for a product"
            )
        }
    }
}
