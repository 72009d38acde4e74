// SPDX-License-Identifier: GPL-2.0-or-later
#include "models.hpp"

#include "formula.hpp"

#include "inference/model/model_file.hpp"

#include <functional>

#include <unistd.h>

namespace matting {
namespace {

// Written once for each process; removed with it.
class ModelFolder {
public:
	ModelFolder() : path_(std::filesystem::temp_directory_path() / ("matting-models-" + std::to_string(getpid())))
	{
		std::filesystem::create_directories(path_);
	}
	~ModelFolder()
	{
		if (getpid() == owner_)
			std::filesystem::remove_all(path_);
	}

	std::filesystem::path model(const std::string &name, const std::function<torch::jit::Module()> &make) const
	{
		const auto file = path_ / (name + ".pth");
		if (!std::filesystem::exists(file))
			save_network(make(), file);
		return file;
	}

private:
	std::filesystem::path path_;
	pid_t owner_ = getpid();
};

const ModelFolder &folder()
{
	static const ModelFolder folder;
	return folder;
}

// All weights zero but the last bias: alpha as given, no foreground residual, no expected error, so nothing refined.
torch::jit::Module constant_network(double alpha)
{
	torch::jit::Module network = make_network(Backbone::mobilenetv2);
	state_dict(network).at("decoder.conv4.bias")[0].fill_(alpha);
	return network;
}

// The decoder's last layer sees the source and the background in its last six channels.
torch::jit::Module difference_network()
{
	torch::jit::Module network = constant_network(0);
	at::Tensor weight = state_dict(network).at("decoder.conv4.weight");
	const int64_t source_green = weight.size(1) - 5, background_green = weight.size(1) - 2;
	weight[0][source_green][1][1] = 8;
	weight[0][background_green][1][1] = -8;
	return network;
}

} // namespace

std::filesystem::path constant_model(double alpha)
{
	return folder().model("constant-" + std::to_string(alpha), [&] { return constant_network(alpha); });
}

std::filesystem::path difference_model()
{
	return folder().model("difference", difference_network);
}

std::filesystem::path fully_refining_model()
{
	return folder().model("fully-refining", [] {
		torch::jit::Module network = difference_network();
		network.setattr("refine_mode", std::string("full"));
		return network;
	});
}

std::filesystem::path other_network()
{
	return folder().model("other", [] {
		torch::jit::Module network("Other");
		network.define("def forward(self, src, bgr):\n"
			       "    return ((src[:, 1:2] - bgr[:, 1:2]) > 0.05).to(src.dtype), src\n");
		return network;
	});
}

std::filesystem::path formula_model(const std::string &backbone)
{
	return folder().model("formula-" + backbone, [&] {
		for (const Backbone candidate : {Backbone::mobilenetv2, Backbone::resnet50, Backbone::resnet101})
			if (backbone == backbone_name(candidate)) {
				torch::jit::Module network = make_network(candidate);
				load_state_dict(network, formula_weights(candidate));
				return network;
			}
		throw std::invalid_argument("no backbone " + backbone);
	});
}

} // namespace matting
