// Command compose reads a compose file as Docker Compose does, with the compose specification's own loader (schema, interpolation,
// references between services, networks and secrets), and holds it to the rules of this house: one published service, on loopback; a health
// check on each; no privilege. It starts nothing.
//
// Usage: compose FILE, with the variables that the file asks for in the environment.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// load resolves the file; a variable that is required and unset is an error.
func load(path string) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithOsEnv, cli.WithResolvedPaths(true))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// complaints lists what the specification allows and this house does not.
func complaints(project *types.Project) []string {
	var found []string
	for name, service := range project.Services {
		if service.HealthCheck == nil || service.HealthCheck.Disable {
			found = append(found, name+": no health check")
		}
		if service.Privileged || len(service.CapAdd) > 0 || service.NetworkMode == "host" {
			found = append(found, name+": more privilege than a container needs")
		}
		for _, port := range service.Ports {
			if name != "gateway" || port.HostIP != "127.0.0.1" {
				found = append(found, fmt.Sprintf("%s: publishes port %s on %q", name, port.Published, port.HostIP))
			}
		}
	}
	return found
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: compose FILE")
		os.Exit(2)
	}
	project, err := load(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	found := complaints(project)
	for _, complaint := range found {
		fmt.Fprintln(os.Stderr, complaint)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
	fmt.Printf("%s: %d services\n", os.Args[1], len(project.Services))
}
