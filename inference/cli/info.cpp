// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"
#include "description.hpp"

#include "inference/model/known_models.hpp"
#include "inference/model/model_file.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace matting {
namespace {

template<typename Row> Json option_value(const Row &row, const Options &options)
{
	if constexpr (requires { row.choices; })
		return row.choices[static_cast<size_t>(options.*row.field)];
	else
		return options.*row.field;
}

Json describe(const std::string &path)
{
	const ModelFile file = open_model_file(path);
	Json attributes;
	for_each_option([&](const auto &row) {
		if (row.attribute)
			attributes[row.name] = option_value(row, file.checkpoint.attributes);
	});
	return {{"file", path},
		{"format", file.checkpoint.is_torchscript ? "torchscript" : "checkpoint"},
		{"backbone", backbone_name(file.backbone)},
		{"precision", file.precision},
		{"parameters", file.parameters},
		{"bytes", file.bytes},
		{"sha256", file.sha256},
		{"attributes", attributes}};
}

void run_info(const std::string &path, bool as_json)
{
	print_description(describe(find_model(path).string()), as_json);
}

} // namespace

void add_info_command(CLI::App &app)
{
	auto path = std::make_shared<std::string>();
	auto as_json = std::make_shared<bool>(false);
	CLI::App *command = app.add_subcommand("info", "Says what a model file holds, without running anything in it.");
	command->add_option("MODEL", *path, "A checkpoint or a TorchScript model, or a name that `models list` shows")
		->required();
	command->add_flag("--json", *as_json,
			  "One object: file, format (checkpoint, torchscript), backbone, precision, parameters, bytes, "
			  "sha256, attributes");
	command->callback([path, as_json] { run_info(*path, *as_json); });
}

} // namespace matting
