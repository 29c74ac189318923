import FoundationEssentials
import JSONModel

/// One run of `vigil policy check`: takes files in, and collects what is to be said about the policies in them.
struct PolicyCheck {
    let now: Date
    /// What was found, in the order in which it was looked at.
    private(set) var remarks: [PolicyRemark] = []
    /// How many policies and statements were looked at.
    private(set) var policies = 0

    private var documents: [SourceDocument] = []
    private var places: [String: SourcePlaces] = [:]

    init(now: Date) { self.now = now }

    /// Checks what the arguments name: files, folders, `-`.
    ///
    /// - Throws: ``InputError`` when a file cannot be read at all, or there is no policy.
    mutating func read(_ arguments: [String], _ files: InputFiles) throws(InputError) {
        for argument in arguments {
            let folder = argument.count > 1 && argument.hasSuffix("/") ? String(argument.dropLast()) : argument
            if argument != "-", NotationPolicyFile.isFolder(folder) {
                try check(notationFolder: folder)
            } else {
                for file in try files.read(argument) { check(file) }
            }
        }
        let isNothing = policies == 0 && remarks.isEmpty && !documents.contains { Self.isPolicy($0) }
        guard !isNothing else {
            throw InputError(
                "\(arguments.joined(separator: ", ")): there is no policy here; name files with TrustPolicy or "
                    + "ClusterTrustPolicy objects, or trust policy documents of notation"
            )
        }
        var objects = PolicyObjectCheck(now: now, places: places)
        objects.check(documents)
        remarks += objects.remarks
        policies += objects.policies
    }

    /// The report.
    func report(countsWarnings: Bool) -> PolicyReport {
        PolicyReport(remarks: remarks, policies: policies, countsWarnings: countsWarnings)
    }

    private static func isPolicy(_ document: SourceDocument) -> Bool {
        switch PolicyDocument(document) {
        case .policy, .unknownKind: true
        case .nameless: document.isFileNamed
        case .list(let items): items.contains(where: isPolicy)
        case .configMap, .secret, .other: false
        }
    }

    private mutating func check(_ file: InputFiles.File) {
        if NotationPolicyFile.isDocument(file) {
            return check(NotationPolicyFile(file, stores: NotationPolicyFile.folder(of: file.name)))
        }
        do throws(InputError) {
            documents += try DocumentReader.read(file)
            places[file.name] = SourcePlaces(
                String(decoding: DocumentReader.withoutByteOrderMark(file.bytes), as: UTF8.self)
            )
        } catch {
            let site = error.site ?? InputError.Site(file: file.name)
            remarks.append(PolicyRemark(severity: .error, rule: "syntax", site: site, message: error.detail))
        }
    }

    private mutating func check(notationFolder folder: String) throws(InputError) {
        if let ambiguity = NotationPolicyFile.ambiguity(in: folder) {
            remarks.append(
                PolicyRemark(
                    severity: .error,
                    rule: "documentAmbiguous",
                    site: ambiguity.site ?? InputError.Site(file: folder),
                    message: ambiguity.detail
                )
            )
        }
        for path in NotationPolicyFile.paths(in: folder) {
            switch BoundedFile.kind(of: path) {
            case .regular: break
            case .symbolicLink: throw InputError("\(path): is a symbolic link; a trust policy must be a regular file")
            case .missing, .folder, .other:
                throw InputError("\(path): is no regular file, as a trust policy must be")
            }
            let bytes = try BoundedFile.read(path, limit: InputLimits.fileBytes, followsLinks: false)
            let file = InputFiles.File(name: path, bytes: bytes, isNamed: true)
            check(NotationPolicyFile(file, stores: folder))
        }
    }

    private mutating func check(_ file: NotationPolicyFile) {
        var check = NotationPolicyCheck(file: file, now: now)
        check.run()
        remarks += check.remarks
        policies += check.policies
    }
}
