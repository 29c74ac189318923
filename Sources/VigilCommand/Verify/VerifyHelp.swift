/// The long part of `vigil verify --help`.
enum VerifyHelp {
    static let text = """
        Each image is resolved to its digest, the signatures that its registry holds for that digest are fetched and \
        verified, and every policy that speaks for the image is applied; all of them must be satisfied.

        EXAMPLES
          One image:
            vigil verify registry.example.com/shop/web:v1 --policy policy.yaml
          Every image of a Git checkout, before it is merged:
            vigil verify -f manifests/ --policy policies/
          What a chart would deploy, for a program to read:
            helm template shop | vigil verify -f - --policy policies/ -o json
          With the trust policy of notation in ~/.config/notation:
            vigil verify registry.example.com/shop/web:v1
          An image and its signatures in an OCI image layout, made by oras copy --to-oci-layout -r:
            vigil verify --oci-layout web:v1 --scope registry.example.com/shop/web
          What vigil explain --bundle recorded, offline and as of that time, by the policies recorded or by your own:
            vigil verify --bundle out.tar
            vigil verify --bundle out.tar --policy policies/

        VERDICTS
          Trusted      what the policy requires is met
          Untrusted    there is evidence against the image, such as an altered
                       signature, or a decision
          Unsupported  a decision says that it is no longer supported
          Unknown      nobody whom a policy trusts has vouched for it, no policy
                       speaks for it, or nobody could be asked
          Skipped      its policy leaves it unverified, in writing

        WHICH POLICIES SPEAK FOR AN IMAGE
          By its repository (spec.images). For an image found in a manifest also by the labels of its pods (podSelector) \
        and, where both the manifest and the policy name one, by the namespace; a namespaceSelector counts as matching, \
        because the labels of namespaces are not known here. For an image named on the command line neither namespace nor \
        pods are known, and every policy for its repository is applied. In a notation folder the one statement that names \
        the repository exactly is applied, else the one for *.

        EXIT STATUS
          0    every image is trusted, or skipped by its policy
          1    at least one image is not trusted
          2    the command line, a policy or a manifest cannot be used; nothing
               was judged
          3    at least one image could not be judged because a service could not
               be asked, and no image is worse
          130  interrupted
        """
}
