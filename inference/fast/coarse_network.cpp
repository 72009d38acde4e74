// SPDX-License-Identifier: GPL-2.0-or-later
// The coarse network (paper, section 4.1): backbone, atrous spatial pyramid pooling, decoder. What is upsampled is written
// beside the skip connection that it is concatenated with, and the backbone writes the skips there to begin with.
#include "plan.hpp"

namespace matting {
namespace {

/// What the decoder reads: x is the last of the backbone's maps, each skip the right part of a map whose left part
/// takes the decoder's own channels.
struct Skip {
	Map concatenated, skip;
};

Skip make_skip(Plan &plan, int height, int width, int decoder_channels, int channels)
{
	const Map both = plan.map(height, width, decoder_channels + channels);
	return {both, both.narrow(decoder_channels, channels)};
}

constexpr int half(int size)
{
	return (size + 1) / 2;
}

// Decoder channels that meet the skip at 1/8, 1/4 and 1/2, and the network's input.
constexpr std::array<int, 3> meeting{256, 128, 64};
constexpr int last_meeting = 48;

std::array<Skip, 3> make_skips(Plan &plan, int height, int width, const std::array<int, 3> &channels)
{
	std::array<Skip, 3> skips;
	for (int i = 2; i >= 0; i--) {
		height = half(height);
		width = half(width);
		skips[i] = make_skip(plan, height, width, meeting[i], channels[i]);
	}
	return skips;
}

// ---- MobileNetV2 (Sandler et al. 2018), output stride 16

struct Block {
	int out, stride, expansion, dilation;
};

Map inverted_residual(Plan &plan, const Map &x, const std::string &name, const Block &block, const Map &out)
{
	const auto conv = [&](int index) {
		return name + ".conv." + std::to_string(index);
	};
	int index = 0;
	Map hidden = x;
	if (block.expansion != 1) {
		hidden = plan.convolve(x, {conv(0) + ".0", conv(0) + ".1", Activation::relu6});
		index = 1;
	}
	hidden = plan.convolve_depthwise(hidden, {.convolution = conv(index) + ".0",
						  .batch_norm = conv(index) + ".1",
						  .activation = Activation::relu6,
						  .stride = block.stride,
						  .padding = block.dilation,
						  .dilation = block.dilation});
	const bool is_residual = block.stride == 1 && x.channels == block.out;
	return plan.convolve(hidden, {conv(index + 1), conv(index + 2)}, out, is_residual ? x : Map());
}

Map trace_mobilenetv2(Plan &plan, const Map &x0, const std::array<Skip, 3> &skips)
{
	constexpr std::array blocks{Block{16, 1, 1, 1}, Block{24, 2, 6, 1},  Block{24, 1, 6, 1},  Block{32, 2, 6, 1},
				    Block{32, 1, 6, 1}, Block{32, 1, 6, 1},  Block{64, 2, 6, 1},  Block{64, 1, 6, 1},
				    Block{64, 1, 6, 1}, Block{64, 1, 6, 1},  Block{96, 1, 6, 1},  Block{96, 1, 6, 1},
				    Block{96, 1, 6, 1}, Block{160, 1, 6, 1}, Block{160, 1, 6, 2}, Block{160, 1, 6, 2},
				    Block{320, 1, 6, 2}};
	Map x = plan.convolve(x0, {.convolution = "backbone.features.0.0",
				   .batch_norm = "backbone.features.0.1",
				   .activation = Activation::relu6,
				   .stride = 2,
				   .padding = 1});
	for (size_t i = 1; i <= blocks.size(); i++) {
		const Map skip = i == 1 ? skips[2].skip : i == 3 ? skips[1].skip : i == 6 ? skips[0].skip : Map();
		x = inverted_residual(plan, x, "backbone.features." + std::to_string(i), blocks[i - 1], skip);
	}
	return x;
}

// ---- ResNet (He et al. 2015), output stride 16

Map bottleneck(Plan &plan, const Map &x, const std::string &name, int stride, int dilation, bool is_first,
	       const Map &out)
{
	Map y = plan.convolve(x, {name + ".conv1", name + ".bn1", Activation::relu});
	y = plan.convolve(y, {.convolution = name + ".conv2",
			      .batch_norm = name + ".bn2",
			      .activation = Activation::relu,
			      .stride = stride,
			      .padding = dilation,
			      .dilation = dilation});
	const Map shortcut = is_first ? plan.convolve(x, {.convolution = name + ".downsample.0",
							  .batch_norm = name + ".downsample.1",
							  .stride = stride})
				      : x;
	return plan.convolve(y, {name + ".conv3", name + ".bn3", Activation::relu}, out, shortcut);
}

Map resnet_stage(Plan &plan, Map x, int stage, int blocks, int stride, int dilation, const Map &out)
{
	for (int i = 0; i < blocks; i++)
		x = bottleneck(plan, x, "backbone.layer" + std::to_string(stage) + "." + std::to_string(i),
			       i == 0 ? stride : 1, i == 0 ? 1 : dilation, i == 0, i + 1 == blocks ? out : Map());
	return x;
}

Map trace_resnet(Plan &plan, const Map &x0, const std::array<Skip, 3> &skips, int stage3_blocks)
{
	plan.convolve(x0,
		      {.convolution = "backbone.conv1",
		       .batch_norm = "backbone.bn1",
		       .activation = Activation::relu,
		       .stride = 2,
		       .padding = 3},
		      skips[2].skip);
	Map x = plan.max_pool(skips[2].skip);
	x = resnet_stage(plan, x, 1, 3, 1, 1, skips[1].skip);
	x = resnet_stage(plan, x, 2, 4, 2, 1, skips[0].skip);
	x = resnet_stage(plan, x, 3, stage3_blocks, 2, 1, Map());
	return resnet_stage(plan, x, 4, 3, 1, 2, Map());
}

// ---- Atrous spatial pyramid pooling (Chen et al. 2017)

Map trace_aspp(Plan &plan, const Map &x)
{
	constexpr int width = 256, branches = 4;
	const Map pyramid = plan.map(x.height, x.width, branches * width);
	for (int i = 0; i < branches; i++) {
		const std::string name = "aspp.convs." + std::to_string(i);
		const int rate = 3 * i; // 0: a 1x1 convolution
		plan.convolve(x,
			      {.convolution = name + ".0",
			       .batch_norm = name + ".1",
			       .activation = Activation::relu,
			       .padding = rate,
			       .dilation = std::max(rate, 1)},
			      pyramid.narrow(i * width, width));
	}
	// The pooled branch is the same everywhere, and so is its share of the projection.
	const Map pooled = plan.convolve(plan.average(x), {"aspp.convs.4.1", "aspp.convs.4.2", Activation::relu});
	LayerSpec projection{"aspp.project.0", "aspp.project.1"};
	projection.first_input = branches * width;
	projection.inputs = width;
	const Map share = plan.convolve(pooled, projection);
	projection.first_input = 0;
	projection.inputs = branches * width;
	projection.activation = Activation::relu;
	return plan.convolve(pyramid, projection, Map(), share.expand(x.height, x.width));
}

// ---- Decoder

Map trace_decoder(Plan &plan, Map x, std::array<Skip, 3> &skips, const Skip &input, const Map &mask)
{
	for (int i = 0; i < 3; i++) {
		const auto number = std::to_string(i + 1);
		x = plan.convolve_upsampled(x, skips[i].concatenated,
					    {.convolution = "decoder.conv" + number,
					     .batch_norm = "decoder.bn" + number,
					     .activation = Activation::relu,
					     .padding = 1});
		skips[i] = {};
	}
	LayerSpec last{.convolution = "decoder.conv4", .activation = Activation::coarse_result, .padding = 1};
	if (!plan.has_convolve_selected())
		return plan.convolve_upsampled(x, input.concatenated, last);
	constexpr int first_hidden = coarse::hidden, hidden = coarse::channels - first_hidden;
	const Map result = plan.map(input.skip.height, input.skip.width, coarse::channels);
	last.outputs = first_hidden;
	plan.convolve_upsampled(x, input.concatenated, last, result.narrow(0, first_hidden));
	last.first_output = first_hidden;
	last.outputs = hidden;
	last.activation = Activation::relu;
	plan.begin(Stage::patches);
	plan.convolve_selected(x, input.concatenated, mask, last, result.narrow(first_hidden, hidden));
	return result;
}

} // namespace

CoarseNetwork trace_coarse_network(Plan &plan, Backbone backbone, int height, int width, const Map &mask)
{
	const bool is_mobile = backbone == Backbone::mobilenetv2;
	const Skip input = make_skip(plan, height, width, last_meeting, 6);
	auto skips = make_skips(plan, height, width,
				is_mobile ? std::array<int, 3>{32, 24, 16} : std::array<int, 3>{512, 256, 64});
	plan.begin(Stage::backbone);
	Map x = is_mobile ? trace_mobilenetv2(plan, input.skip, skips)
			  : trace_resnet(plan, input.skip, skips, backbone == Backbone::resnet50 ? 6 : 23);
	plan.begin(Stage::aspp);
	x = trace_aspp(plan, x);
	plan.begin(Stage::decoder);
	return {input.skip, trace_decoder(plan, x, skips, input, mask)};
}

} // namespace matting
