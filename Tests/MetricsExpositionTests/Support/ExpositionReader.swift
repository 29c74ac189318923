import Foundation
import MetricsExposition

/// What was read back from an exposition.
struct ReadFamily: Equatable {
    var name: String
    var help: String
    var kind = ""
    var unit: String?
    var samples: [ReadSample] = []

    /// The only value with these labels.
    func value(_ labels: [String: String] = [:], suffix: String = "") -> Double? {
        samples.first { $0.labels == labels && $0.suffix == suffix }?.value
    }
}

struct ReadSample: Equatable {
    /// What the sample's name has beyond the family's.
    var suffix: String
    var labels: [String: String]
    var value: Double

    /// Equal, with NaN as equal to itself.
    static func == (left: ReadSample, right: ReadSample) -> Bool {
        left.suffix == right.suffix && left.labels == right.labels
            && (left.value == right.value || (left.value.isNaN && right.value.isNaN))
    }
}

/// A reader of both formats that forgives nothing: what a scraper might shrug off is an error here.
struct ExpositionReader {
    struct Defect: Error, CustomStringConvertible {
        var description: String
    }

    private let format: ExpositionFormat
    private var families: [ReadFamily] = []
    private var seen: Set<String> = []
    private var hasEnded = false

    /// Reads a whole exposition.
    static func read(_ bytes: [UInt8], _ format: ExpositionFormat) throws -> [ReadFamily] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Defect(description: "not UTF-8") }
        var reader = ExpositionReader(format: format)
        if !bytes.isEmpty, bytes.last != UInt8(ascii: "\n") { throw Defect(description: "the last line has no end") }
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            try reader.take(Array(line))
        }
        try reader.end()
        return reader.families
    }

    private init(format: ExpositionFormat) { self.format = format }

    private mutating func take(_ line: [UnicodeScalar]) throws {
        guard !hasEnded else { throw Defect(description: "something follows # EOF") }
        if line.starts(with: "# ".unicodeScalars) { return try takeComment(line) }
        guard let first = line.first, first != "#" else { throw Defect(description: "a line that says nothing") }
        try takeSample(line)
    }

    private mutating func takeComment(_ line: [UnicodeScalar]) throws {
        if String(line) == "# EOF", format == .openMetrics { return hasEnded = true }
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map { Array($0) }
        guard words.count == 4 else { throw Defect(description: "unreadable comment: \(String(line))") }
        let (keyword, name) = (String(words[1]), String(words[2]))
        if keyword == "HELP" {
            guard seen.insert(name).inserted else { throw Defect(description: "\(name) comes twice") }
            try checkLast()
            let help = try unescaped(words[3], quotes: format == .openMetrics)
            return families.append(ReadFamily(name: name, help: help))
        }
        guard let last = families.indices.last, families[last].name == name, families[last].samples.isEmpty else {
            throw Defect(description: "\(keyword) of \(name) is out of place")
        }
        switch keyword {
        case "TYPE" where families[last].kind.isEmpty: families[last].kind = String(words[3])
        case "UNIT" where format == .openMetrics && families[last].unit == nil:
            guard name.hasSuffix("_\(String(words[3]))") else { throw Defect(description: "\(name) lacks its unit") }
            families[last].unit = String(words[3])
        default: throw Defect(description: "unknown or repeated \(keyword)")
        }
    }

    private mutating func takeSample(_ line: [UnicodeScalar]) throws {
        var rest = line[...]
        let name = String(Array(rest.prefix { $0 != "{" && $0 != " " }))
        rest = rest.dropFirst(name.unicodeScalars.count)
        let labels = rest.first == "{" ? try takeLabels(&rest) : [:]
        guard rest.first == " " else { throw Defect(description: "no space before the value: \(String(line))") }
        guard let last = families.indices.last else { throw Defect(description: "a sample before any family") }
        let family = families[last]
        guard name.hasPrefix(family.name) else { throw Defect(description: "\(name) is not of \(family.name)") }
        let suffix = String(name.dropFirst(family.name.count))
        guard suffixes(of: family.kind).contains(suffix) else {
            throw Defect(description: "\(name) is no \(family.kind)")
        }
        let sample = ReadSample(suffix: suffix, labels: labels, value: try number(String(Array(rest.dropFirst()))))
        guard !family.samples.contains(where: { $0.suffix == suffix && $0.labels == labels }) else {
            throw Defect(description: "the series comes twice: \(String(line))")
        }
        families[last].samples.append(sample)
    }

    private func suffixes(of kind: String) -> Set<String> {
        switch kind {
        case "counter": format == .openMetrics ? ["_total"] : [""]
        case "gauge": [""]
        case "histogram": ["_bucket", "_sum", "_count"]
        default: []
        }
    }

    private func takeLabels(_ rest: inout ArraySlice<UnicodeScalar>) throws -> [String: String] {
        var labels: [String: String] = [:]
        repeat {
            rest = rest.dropFirst()
            let name = String(Array(rest.prefix { $0 != "=" }))
            rest = rest.dropFirst(name.unicodeScalars.count)
            guard name.wholeMatch(of: /[a-zA-Z_][a-zA-Z0-9_]*/) != nil, rest.starts(with: "=\"".unicodeScalars) else {
                throw Defect(description: "no label: \(name)")
            }
            rest = rest.dropFirst(2)
            var value: [UnicodeScalar] = []
            while let next = rest.first, next != "\"" {
                value += rest.prefix(next == "\\" ? 2 : 1)
                rest = rest.dropFirst(next == "\\" ? 2 : 1)
            }
            rest = rest.dropFirst()
            guard labels.updateValue(try unescaped(value, quotes: true), forKey: name) == nil else {
                throw Defect(description: "the label \(name) comes twice")
            }
        } while rest.first == ","
        guard rest.first == "}" else { throw Defect(description: "the labels have no end") }
        rest = rest.dropFirst()
        return labels
    }

    private func unescaped(_ text: [UnicodeScalar], quotes: Bool) throws -> String {
        var result = String.UnicodeScalarView()
        var rest = text[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                guard scalar != "\n", !(quotes && scalar == "\"") else { throw Defect(description: "not escaped") }
                result.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "\"" where quotes: result.append("\"")
            default: throw Defect(description: "unknown escape in \(String(text))")
            }
        }
        return String(result)
    }

    private func number(_ text: String) throws -> Double {
        switch text {
        case "NaN": return .nan
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        default:
            guard text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?/) != nil, let number = Double(text) else {
                throw Defect(description: "no number: \(text)")
            }
            return number
        }
    }

    private mutating func end() throws {
        try checkLast()
        if format == .openMetrics, !hasEnded { throw Defect(description: "no # EOF") }
    }

    /// Tries the family that has just been read to its end.
    private func checkLast() throws {
        guard let family = families.last else { return }
        guard !family.kind.isEmpty, !family.samples.isEmpty else {
            throw Defect(description: "\(family.name) is empty")
        }
        guard family.kind == "histogram" else { return }
        let series = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
        for (labels, samples) in series {
            let buckets = try samples.filter { $0.suffix == "_bucket" }.map { sample in
                let bound = sample.labels["le"] ?? ""
                if format == .openMetrics, bound.wholeMatch(of: /[0-9]+/) != nil {
                    throw Defect(description: "\(bound) is not canonical")
                }
                return (bound: try number(bound), count: sample.value)
            }
            let bounds = buckets.map(\.bound)
            let counts = buckets.map(\.count)
            guard bounds == bounds.sorted(), Set(bounds).count == bounds.count, bounds.last == .infinity,
                counts == counts.sorted(), counts.last == family.value(labels, suffix: "_count"),
                family.value(labels, suffix: "_sum") != nil
            else { throw Defect(description: "\(family.name)\(labels) is no histogram") }
        }
    }
}

extension String {
    fileprivate init(_ scalars: [UnicodeScalar]) {
        self.init(String.UnicodeScalarView(scalars))
    }
}
