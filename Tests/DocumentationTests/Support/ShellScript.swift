/// The commands of a shell script as people write them into documentation: pipes, lists, quotes, comments,
/// continued lines, substitutions and here-documents; no functions and no loops.
struct ShellScript {
    /// One simple command.
    struct Command: Equatable {
        /// The line that it begins in, from 1.
        var line: Int
        /// Its words without quotes; no assignments before it and no redirections.
        var words: [String]
        /// What a here-document feeds it.
        var input: String?
    }

    /// What a substitution stands as in the word around it.
    static let substituted = "SUBSTITUTED"

    /// The commands, those of substitutions before those around them.
    private(set) var commands: [Command] = []
    /// What could not be read.
    private(set) var problems: [String] = []

    private var characters: [Character]
    private var position = 0
    private var line: Int
    private var current: Command?
    private var word: String?
    /// The line that the word begins in.
    private var wordLine = 0
    /// Whether the next word is the file of a redirection.
    private var isRedirecting = false
    private var awaited: [(delimiter: String, command: Int?)] = []

    init(_ text: String, firstLine: Int = 1) {
        characters = Array(text)
        line = firstLine
        read(until: nil)
    }

    private mutating func next() -> Character? {
        guard position < characters.count else { return nil }
        defer { position += 1 }
        if characters[position] == "\n" { line += 1 }
        return characters[position]
    }

    private func peek(_ text: String) -> Bool { characters[position...].starts(with: text) }

    private mutating func read(until end: Character?) {
        while let character = next() {
            if character == end, word == nil || end == ")" { break }
            switch character {
            case "\\": if let escaped = next(), escaped != "\n" { append(escaped) }
            case "'": append(quoted: readQuoted())
            case "\"": readDoubleQuoted()
            case "$" where peek("("): readSubstitution()
            case "#" where word == nil: skipComment()
            case " ", "\t": endWord()
            case "\n":
                endCommand()
                readInputs()
            case "|", ";", "&":
                if character == "&", isRedirecting { append(character) } else { endCommand() }
            case "(", ")": endCommand()
            case "{" where word == nil,
                "}" where word == nil:
                endCommand()
            case "<" where peek("<"): readDelimiter()
            case "<", ">": startRedirection()
            default: append(character)
            }
        }
        endCommand()
    }

    private mutating func append(_ character: Character) { append(quoted: String(character)) }

    private mutating func append(quoted text: String) {
        if word == nil { wordLine = line }
        word = (word ?? "") + text
    }

    private mutating func skipComment() {
        while position < characters.count, characters[position] != "\n" { position += 1 }
    }

    private mutating func readQuoted() -> String {
        var text = ""
        while let character = next() {
            if character == "'" { return text }
            text.append(character)
        }
        problems.append("a quote has no end")
        return text
    }

    private mutating func readDoubleQuoted() {
        append(quoted: "")
        while let character = next() {
            switch character {
            case "\"": return
            case "\\": if let escaped = next(), escaped != "\n" { append(escaped) }
            case "$" where peek("("): readSubstitution()
            default: append(character)
            }
        }
        problems.append("a quote has no end")
    }

    /// Reads `$(…)`, whose commands count too.
    private mutating func readSubstitution() {
        position += 1
        let start = position
        let firstLine = line
        var depth = 1
        var quote: Character?
        while depth > 0, let character = next() {
            if let open = quote {
                if character == "\\", open == "\"" { _ = next() } else if character == open { quote = nil }
            } else {
                switch character {
                case "'", "\"": quote = character
                case "(": depth += 1
                case ")": depth -= 1
                default: break
                }
            }
        }
        guard depth == 0 else { return problems.append("a substitution has no end") }
        let inner = ShellScript(String(characters[start..<(position - 1)]), firstLine: firstLine)
        commands += inner.commands
        problems += inner.problems
        append(quoted: Self.substituted)
    }

    private mutating func startRedirection() {
        // The number of a stream belongs to the redirection.
        if let text = word, text.allSatisfy(\.isNumber) { word = nil } else { endWord() }
        if peek(">") { position += 1 }
        isRedirecting = true
    }

    private mutating func readDelimiter() {
        position += 1
        endWord()
        var delimiter = ""
        while position < characters.count, !" \n|;&".contains(characters[position]) || delimiter.isEmpty {
            if !"'\" -".contains(characters[position]) { delimiter.append(characters[position]) }
            position += 1
        }
        awaited.append((delimiter, nil))
    }

    /// Reads the here-documents that the line before has announced.
    private mutating func readInputs() {
        for (delimiter, command) in awaited {
            var lines: [String] = []
            var isEnded = false
            while !isEnded, position < characters.count {
                var text = ""
                while let character = next(), character != "\n" { text.append(character) }
                if text == delimiter { isEnded = true } else { lines.append(text) }
            }
            if !isEnded { problems.append("the text up to \(delimiter) has no end") }
            if let command { commands[command].input = lines.joined(separator: "\n") + "\n" }
        }
        awaited = []
    }

    private mutating func endWord() {
        guard let text = word else { return }
        word = nil
        if isRedirecting {
            isRedirecting = false
        } else if current == nil, text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*=.*/) != nil {
            // Said to the command by its environment.
        } else if current == nil {
            current = Command(line: wordLine, words: [text])
        } else {
            current?.words.append(text)
        }
    }

    private mutating func endCommand() {
        endWord()
        isRedirecting = false
        guard let command = current else { return }
        commands.append(command)
        for index in awaited.indices where awaited[index].command == nil {
            awaited[index].command = commands.count - 1
        }
        current = nil
    }
}
