/** Version control, package registries and build servers. */

import { secretValue } from "../detectors/secret-value.ts";
import { type CatalogueEntry, credentials } from "./entry.ts";
import { END, key, named } from "./pattern.ts";
import { alnum, base64, hex, lower, upper, url64 } from "./sample.ts";

export const vcs: readonly CatalogueEntry[] = credentials("vcs", [
  {
    name: "github-token",
    title: "GitHub token",
    origin: "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/",
    pattern: key(
      "gh[pousr]_[A-Za-z0-9]{36,255}|ghs_[A-Za-z0-9]{2,40}_eyJ[A-Za-z0-9._-]{40,}|github_pat_[A-Za-z0-9_]{60,100}|gh[ou]r_[A-Za-z0-9]{36,76}",
    ),
    positive: [`ghp_${alnum(36)}`, `github_pat_${alnum(22)}_${alnum(59)}`],
    negative: [`ghp_${"x".repeat(36)}`, "ghp_short"],
  },
  {
    name: "gitlab-token",
    title: "GitLab token",
    origin: "https://docs.gitlab.com/ee/security/tokens/#token-prefixes",
    pattern: key(
      "gl(?:pat|dt|ptt|ft|soat|rtr|ffct|wt)-[A-Za-z0-9_-]{20,300}(?:\\.[a-z0-9]{2}\\.?[a-z0-9]{7,9})?|gl(?:cbt-(?:[A-Za-z0-9]{1,5}_)?|imt-|rt-(?:t\\d_)?|oas-)[A-Za-z0-9_-]{20,300}(?:\\.[a-z0-9]{2}\\.?[a-z0-9]{7,9})?|glagent-[A-Za-z0-9_-]{50,}|GR1348941[A-Za-z0-9_-]{20,50}|_gitlab_session=[0-9a-z]{32}",
    ),
    positive: [`glpat-${url64(20)}`, `glrt-${url64(20)}`, `glagent-${url64(50)}`, `GR1348941${url64(20)}`],
    negative: ["glpat-short", `glpat-${"X".repeat(20)}`],
  },
  {
    name: "atlassian-token",
    title: "Atlassian or Bitbucket token",
    origin: "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
    pattern: key("AT(?:ATT|CTT|STT)3[A-Za-z0-9_=%-]{60,}|ATBB[A-Za-z0-9]{32}|ATOA[A-Za-z0-9_-]{40,}|BBDC-[A-Za-z0-9+/]{40,50}"),
    positive: [`ATATT3xFfGF0${url64(160)}=1A2B3C4D`, `ATBB${alnum(32)}`],
    negative: ["ATATT3short"],
  },
  {
    name: "npm-token",
    title: "npm access token",
    origin: "https://docs.npmjs.com/about-access-tokens",
    pattern: `${key("npm_[A-Za-z0-9]{36}")}${END}`,
    positive: [`npm_${alnum(36)}`],
    negative: ["npm_config_registry"],
  },
  {
    name: "registry-auth-token",
    title: "Token or password in a package registry's configuration",
    origin: "https://docs.npmjs.com/cli/v10/configuring-npm/npmrc",
    pattern:
      "(?<![A-Za-z0-9])_(?:auth(?:Token)?|password)[ \\t]{0,3}=[ \\t]{0,3}[\"']?(?<secret>[A-Za-z0-9+/=_.-]{8,})(?![A-Za-z0-9+/=_.-])",
    validator: secretValue("named"),
    positive: [`//registry.example.com/:_authToken=«${alnum(36)}»`, `_auth = "«${base64(24)}==»"`],
    negative: ["_authToken=TOKEN"],
  },
  {
    name: "pypi-token",
    title: "PyPI upload token",
    origin: "https://pypi.org/help/#apitoken",
    pattern: key("pypi-[A-Za-z0-9_-]{64,}"),
    positive: [`pypi-AgEIcHlwaS5vcmc${url64(160)}`],
    negative: ["pypi-publish-action"],
  },
  {
    name: "rubygems-key",
    title: "RubyGems API key",
    origin: "https://guides.rubygems.org/api-key-scopes/",
    pattern: `${key("rubygems_[a-f0-9]{48}")}${END}`,
    positive: [`rubygems_${hex(48)}`],
    negative: ["rubygems_mirror"],
  },
  {
    name: "nuget-key",
    title: "NuGet API key",
    origin: "https://learn.microsoft.com/en-us/nuget/nuget-org/scoped-api-keys",
    pattern: `${key("oy2[a-z0-9]{43}")}${END}`,
    positive: [`oy2${lower(43)}`],
    negative: ["oy2short"],
  },
  {
    name: "nuget-config-password",
    title: "Password of a NuGet configuration",
    origin: "https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file#packagesourcecredentials",
    pattern: '(?<![A-Za-z])key="(?:ClearText)?Password"\\s{1,4}value="(?<secret>[^"\\n]{4,200})(?=")',
    flags: "i",
    validator: secretValue("named"),
    positive: ['<add key="ClearTextPassword" value="«s3cr3t-Va1ue»" />'],
    negative: ['<add key="ClearTextPassword" value="%NUGET_PASSWORD%" />'],
  },
  {
    name: "docker-token",
    title: "Docker Hub token or swarm key",
    origin: "https://docs.docker.com/security/access-tokens/",
    pattern: key("dckr_[op]at_[A-Za-z0-9_-]{26,40}|SWMTKN-1-[a-z0-9]{48,52}-[a-z0-9]{24,26}|SWMKEY-1-[A-Za-z0-9+/]{43}"),
    positive: [`dckr_pat_${url64(27)}`, `SWMTKN-1-${lower(50)}-${lower(25)}`],
    negative: ["dckr_pat_short"],
  },
  {
    name: "artifactory-key",
    title: "JFrog Artifactory key or reference token",
    origin: "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens",
    pattern: `${key("AKC[A-Za-z0-9]{69,74}|cmVmdGtuO[A-Za-z0-9]{50,60}|cmVmd[A-Za-z0-9]{59}")}${END}`,
    positive: [`AKCp${alnum(69)}`, `cmVmdGtuO${alnum(55)}`],
    negative: ["AKCpshort"],
  },
  {
    name: "artifactory-short-key",
    label: "ARTIFACTORY_KEY",
    title: "JFrog Artifactory encrypted password or short key",
    origin: "https://jfrog.com/help/r/jfrog-platform-administration-documentation/centrally-secure-passwords",
    pattern: `${key("AP\\d[A-Za-z0-9]{8,80}|AKC[A-Za-z0-9]{10,68}")}${END}`,
    fillers: true,
    positive: [`AP6${alnum(30)}`, `AKC${alnum(12)}`],
    negative: ["AP6short", "AKCshort"],
  },
  {
    name: "artifactory-header",
    title: "JFrog Artifactory key by its header or in its configuration",
    origin: "https://jfrog.com/help/r/jfrog-rest-apis/introduction-to-the-artifactory-rest-apis",
    pattern:
      "(?<![A-Za-z0-9])(?:X-JFrog-Art-Api[\"']?:|artifactory[A-Za-z0-9:._-]{0,20}=)[ \\t\"']{0,3}(?<secret>A(?:P[\\dA-F]|KC)[A-Za-z0-9]{8,})",
    flags: "i",
    fillers: true,
    positive: [`X-JFrog-Art-Api: «AKCp${alnum(40)}»`],
    negative: ["X-JFrog-Art-Api: none"],
  },
  {
    name: "package-host-token",
    title: "Token of crates.io, Clojars, Sourcegraph, SonarQube, CircleCI, Buildkite, Codeberg or Packagist",
    origin: "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/",
    pattern: `${key(
      "cio[A-Za-z0-9]{32}|CLOJARS_[a-zA-Z0-9]{60}|sgp_(?:[a-fA-F0-9]{16}_)?(?:local_)?[a-fA-F0-9]{40}|slk_[a-f0-9]{64}|sq[upa]_[a-z0-9]{40}|CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[A-Za-z0-9_]{40}|bkua_[a-z0-9]{40}|packagist_(?:[oa]rt|u[ut]t|ut)_[a-f0-9]{40,80}|drn_[A-Za-z0-9_-]{40}",
    )}${END}`,
    positive: [`CLOJARS_${lower(60)}`, `sgp_${hex(40)}`, `squ_${hex(40)}`, `cio${alnum(32)}`, `bkua_${lower(40)}`],
    negative: ["squ_short", "cio"],
  },
  {
    name: "build-server-token",
    title: "Token of SonarQube, Travis CI, Bitbucket, Jira, Confluence, Azure DevOps, Gitea or Codecov by its name",
    origin: "https://docs.travis-ci.com/user/triggering-builds/",
    pattern: named(
      "sonar|travis|bitbucket|jira|confluence|atlassian|azure|ado|vsts|gitea|forgejo|codecov|nexus|sourcegraph|gitlab|github|nuget|pypi|npm",
      "[A-Za-z0-9_]{20,90}",
    ),
    flags: "i",
    validator: secretValue("drawn"),
    positive: [`travisToken := \`«${lower(22)}»\``, `azure devops pat = «${lower(52)}»`, `"SONAR_LOGIN": "«${upper(40)}»"`],
    negative: ["bitbucket_repository = my_repository_of_many_words", "github: actions"],
  },
]);
