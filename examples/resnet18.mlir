// ResNet-18 (He et al., CVPR 2016), one 224x224 image.
#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#map1 = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, 0)>
#map2 = affine_map<(d0, d1) -> (d0, d1)>
#map3 = affine_map<(d0, d1) -> (d1)>
module {
  func.func @main(%arg0: tensor<1x3x224x224xf32> loc("input0"), %arg1: tensor<64x3x7x7xf32> loc("stem.0.weight"), %arg2: tensor<64xf32> loc("stem.0.bias"), %arg3: tensor<64x64x3x3xf32> loc("stages.0.0.conv1.weight"), %arg4: tensor<64xf32> loc("stages.0.0.conv1.bias"), %arg5: tensor<64x64x3x3xf32> loc("stages.0.0.conv2.weight"), %arg6: tensor<64xf32> loc("stages.0.0.conv2.bias"), %arg7: tensor<64x64x3x3xf32> loc("stages.0.1.conv1.weight"), %arg8: tensor<64xf32> loc("stages.0.1.conv1.bias"), %arg9: tensor<64x64x3x3xf32> loc("stages.0.1.conv2.weight"), %arg10: tensor<64xf32> loc("stages.0.1.conv2.bias"), %arg11: tensor<128x64x3x3xf32> loc("stages.1.0.conv1.weight"), %arg12: tensor<128xf32> loc("stages.1.0.conv1.bias"), %arg13: tensor<128x128x3x3xf32> loc("stages.1.0.conv2.weight"), %arg14: tensor<128xf32> loc("stages.1.0.conv2.bias"), %arg15: tensor<128x64x1x1xf32> loc("stages.1.0.shortcut.0.weight"), %arg16: tensor<128xf32> loc("stages.1.0.shortcut.0.bias"), %arg17: tensor<128x128x3x3xf32> loc("stages.1.1.conv1.weight"), %arg18: tensor<128xf32> loc("stages.1.1.conv1.bias"), %arg19: tensor<128x128x3x3xf32> loc("stages.1.1.conv2.weight"), %arg20: tensor<128xf32> loc("stages.1.1.conv2.bias"), %arg21: tensor<256x128x3x3xf32> loc("stages.2.0.conv1.weight"), %arg22: tensor<256xf32> loc("stages.2.0.conv1.bias"), %arg23: tensor<256x256x3x3xf32> loc("stages.2.0.conv2.weight"), %arg24: tensor<256xf32> loc("stages.2.0.conv2.bias"), %arg25: tensor<256x128x1x1xf32> loc("stages.2.0.shortcut.0.weight"), %arg26: tensor<256xf32> loc("stages.2.0.shortcut.0.bias"), %arg27: tensor<256x256x3x3xf32> loc("stages.2.1.conv1.weight"), %arg28: tensor<256xf32> loc("stages.2.1.conv1.bias"), %arg29: tensor<256x256x3x3xf32> loc("stages.2.1.conv2.weight"), %arg30: tensor<256xf32> loc("stages.2.1.conv2.bias"), %arg31: tensor<512x256x3x3xf32> loc("stages.3.0.conv1.weight"), %arg32: tensor<512xf32> loc("stages.3.0.conv1.bias"), %arg33: tensor<512x512x3x3xf32> loc("stages.3.0.conv2.weight"), %arg34: tensor<512xf32> loc("stages.3.0.conv2.bias"), %arg35: tensor<512x256x1x1xf32> loc("stages.3.0.shortcut.0.weight"), %arg36: tensor<512xf32> loc("stages.3.0.shortcut.0.bias"), %arg37: tensor<512x512x3x3xf32> loc("stages.3.1.conv1.weight"), %arg38: tensor<512xf32> loc("stages.3.1.conv1.bias"), %arg39: tensor<512x512x3x3xf32> loc("stages.3.1.conv2.weight"), %arg40: tensor<512xf32> loc("stages.3.1.conv2.bias"), %arg41: tensor<1000x512xf32> loc("classifier.weight"), %arg42: tensor<1000xf32> loc("classifier.bias")) -> tensor<1x1000xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %cst_0 = arith.constant 0xFF800000 : f32 loc("stem.3.max_pool2d_with_indices")
    %cst_1 = arith.constant 4.900000e+01 : f32
    %padded = tensor.pad %arg0 low[0, 0, 3, 3] high[0, 0, 3, 3] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x3x224x224xf32> to tensor<1x3x230x230xf32> loc("stem.0.convolution")
    %0 = tensor.empty() : tensor<1x64x112x112xf32> loc("stem.0.convolution")
    %broadcasted = linalg.broadcast ins(%arg2 : tensor<64xf32>) outs(%0 : tensor<1x64x112x112xf32>) dimensions = [0, 2, 3]  loc("stem.0.convolution")
    %1 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded, %arg1 : tensor<1x3x230x230xf32>, tensor<64x3x7x7xf32>) outs(%broadcasted : tensor<1x64x112x112xf32>) -> tensor<1x64x112x112xf32> loc("stem.0.convolution")
    %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%1 : tensor<1x64x112x112xf32>) outs(%0 : tensor<1x64x112x112xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x64x112x112xf32> loc("stem.2.relu")
    %padded_2 = tensor.pad %2 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst_0 : f32
    } : tensor<1x64x112x112xf32> to tensor<1x64x114x114xf32> loc("stem.3.max_pool2d_with_indices")
    %3 = tensor.empty() : tensor<1x64x56x56xf32> loc("stem.3.max_pool2d_with_indices")
    %4 = linalg.fill ins(%cst_0 : f32) outs(%3 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("stem.3.max_pool2d_with_indices")
    %5 = tensor.empty() : tensor<3x3xf32> loc("stem.3.max_pool2d_with_indices")
    %6 = linalg.pooling_nchw_max {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded_2, %5 : tensor<1x64x114x114xf32>, tensor<3x3xf32>) outs(%4 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("stem.3.max_pool2d_with_indices")
    %padded_3 = tensor.pad %6 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("stages.0.0.conv1.convolution_1")
    %broadcasted_4 = linalg.broadcast ins(%arg4 : tensor<64xf32>) outs(%3 : tensor<1x64x56x56xf32>) dimensions = [0, 2, 3]  loc("stages.0.0.conv1.convolution_1")
    %7 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_3, %arg3 : tensor<1x64x58x58xf32>, tensor<64x64x3x3xf32>) outs(%broadcasted_4 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("stages.0.0.conv1.convolution_1")
    %8 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%7 : tensor<1x64x56x56xf32>) outs(%3 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x64x56x56xf32> loc("stages.0.0.relu.relu_1")
    %padded_5 = tensor.pad %8 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("stages.0.0.conv2.convolution_2")
    %broadcasted_6 = linalg.broadcast ins(%arg6 : tensor<64xf32>) outs(%3 : tensor<1x64x56x56xf32>) dimensions = [0, 2, 3]  loc("stages.0.0.conv2.convolution_2")
    %9 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_5, %arg5 : tensor<1x64x58x58xf32>, tensor<64x64x3x3xf32>) outs(%broadcasted_6 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("stages.0.0.conv2.convolution_2")
    %10 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%9, %6 : tensor<1x64x56x56xf32>, tensor<1x64x56x56xf32>) outs(%3 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x64x56x56xf32> loc("add")
    %11 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%10 : tensor<1x64x56x56xf32>) outs(%3 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x64x56x56xf32> loc("stages.0.0.relu.relu_2")
    %padded_7 = tensor.pad %11 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("stages.0.1.conv1.convolution_3")
    %broadcasted_8 = linalg.broadcast ins(%arg8 : tensor<64xf32>) outs(%3 : tensor<1x64x56x56xf32>) dimensions = [0, 2, 3]  loc("stages.0.1.conv1.convolution_3")
    %12 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_7, %arg7 : tensor<1x64x58x58xf32>, tensor<64x64x3x3xf32>) outs(%broadcasted_8 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("stages.0.1.conv1.convolution_3")
    %13 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%12 : tensor<1x64x56x56xf32>) outs(%3 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x64x56x56xf32> loc("stages.0.1.relu.relu_3")
    %padded_9 = tensor.pad %13 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("stages.0.1.conv2.convolution_4")
    %broadcasted_10 = linalg.broadcast ins(%arg10 : tensor<64xf32>) outs(%3 : tensor<1x64x56x56xf32>) dimensions = [0, 2, 3]  loc("stages.0.1.conv2.convolution_4")
    %14 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_9, %arg9 : tensor<1x64x58x58xf32>, tensor<64x64x3x3xf32>) outs(%broadcasted_10 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("stages.0.1.conv2.convolution_4")
    %15 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%14, %11 : tensor<1x64x56x56xf32>, tensor<1x64x56x56xf32>) outs(%3 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x64x56x56xf32> loc("add_1")
    %16 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%15 : tensor<1x64x56x56xf32>) outs(%3 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x64x56x56xf32> loc("stages.0.1.relu.relu_4")
    %padded_11 = tensor.pad %16 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("stages.1.0.conv1.convolution_5")
    %17 = tensor.empty() : tensor<1x128x28x28xf32> loc("stages.1.0.conv1.convolution_5")
    %broadcasted_12 = linalg.broadcast ins(%arg12 : tensor<128xf32>) outs(%17 : tensor<1x128x28x28xf32>) dimensions = [0, 2, 3]  loc("stages.1.0.conv1.convolution_5")
    %18 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded_11, %arg11 : tensor<1x64x58x58xf32>, tensor<128x64x3x3xf32>) outs(%broadcasted_12 : tensor<1x128x28x28xf32>) -> tensor<1x128x28x28xf32> loc("stages.1.0.conv1.convolution_5")
    %19 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%18 : tensor<1x128x28x28xf32>) outs(%17 : tensor<1x128x28x28xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x128x28x28xf32> loc("stages.1.0.relu.relu_5")
    %padded_13 = tensor.pad %19 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x128x28x28xf32> to tensor<1x128x30x30xf32> loc("stages.1.0.conv2.convolution_6")
    %broadcasted_14 = linalg.broadcast ins(%arg14 : tensor<128xf32>) outs(%17 : tensor<1x128x28x28xf32>) dimensions = [0, 2, 3]  loc("stages.1.0.conv2.convolution_6")
    %20 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_13, %arg13 : tensor<1x128x30x30xf32>, tensor<128x128x3x3xf32>) outs(%broadcasted_14 : tensor<1x128x28x28xf32>) -> tensor<1x128x28x28xf32> loc("stages.1.0.conv2.convolution_6")
    %broadcasted_15 = linalg.broadcast ins(%arg16 : tensor<128xf32>) outs(%17 : tensor<1x128x28x28xf32>) dimensions = [0, 2, 3]  loc("stages.1.0.shortcut.0.convolution_7")
    %21 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%16, %arg15 : tensor<1x64x56x56xf32>, tensor<128x64x1x1xf32>) outs(%broadcasted_15 : tensor<1x128x28x28xf32>) -> tensor<1x128x28x28xf32> loc("stages.1.0.shortcut.0.convolution_7")
    %22 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%20, %21 : tensor<1x128x28x28xf32>, tensor<1x128x28x28xf32>) outs(%17 : tensor<1x128x28x28xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x128x28x28xf32> loc("add_2")
    %23 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%22 : tensor<1x128x28x28xf32>) outs(%17 : tensor<1x128x28x28xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x128x28x28xf32> loc("stages.1.0.relu.relu_6")
    %padded_16 = tensor.pad %23 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x128x28x28xf32> to tensor<1x128x30x30xf32> loc("stages.1.1.conv1.convolution_8")
    %broadcasted_17 = linalg.broadcast ins(%arg18 : tensor<128xf32>) outs(%17 : tensor<1x128x28x28xf32>) dimensions = [0, 2, 3]  loc("stages.1.1.conv1.convolution_8")
    %24 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_16, %arg17 : tensor<1x128x30x30xf32>, tensor<128x128x3x3xf32>) outs(%broadcasted_17 : tensor<1x128x28x28xf32>) -> tensor<1x128x28x28xf32> loc("stages.1.1.conv1.convolution_8")
    %25 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%24 : tensor<1x128x28x28xf32>) outs(%17 : tensor<1x128x28x28xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x128x28x28xf32> loc("stages.1.1.relu.relu_7")
    %padded_18 = tensor.pad %25 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x128x28x28xf32> to tensor<1x128x30x30xf32> loc("stages.1.1.conv2.convolution_9")
    %broadcasted_19 = linalg.broadcast ins(%arg20 : tensor<128xf32>) outs(%17 : tensor<1x128x28x28xf32>) dimensions = [0, 2, 3]  loc("stages.1.1.conv2.convolution_9")
    %26 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_18, %arg19 : tensor<1x128x30x30xf32>, tensor<128x128x3x3xf32>) outs(%broadcasted_19 : tensor<1x128x28x28xf32>) -> tensor<1x128x28x28xf32> loc("stages.1.1.conv2.convolution_9")
    %27 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%26, %23 : tensor<1x128x28x28xf32>, tensor<1x128x28x28xf32>) outs(%17 : tensor<1x128x28x28xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x128x28x28xf32> loc("add_3")
    %28 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%27 : tensor<1x128x28x28xf32>) outs(%17 : tensor<1x128x28x28xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x128x28x28xf32> loc("stages.1.1.relu.relu_8")
    %padded_20 = tensor.pad %28 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x128x28x28xf32> to tensor<1x128x30x30xf32> loc("stages.2.0.conv1.convolution_10")
    %29 = tensor.empty() : tensor<1x256x14x14xf32> loc("stages.2.0.conv1.convolution_10")
    %broadcasted_21 = linalg.broadcast ins(%arg22 : tensor<256xf32>) outs(%29 : tensor<1x256x14x14xf32>) dimensions = [0, 2, 3]  loc("stages.2.0.conv1.convolution_10")
    %30 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded_20, %arg21 : tensor<1x128x30x30xf32>, tensor<256x128x3x3xf32>) outs(%broadcasted_21 : tensor<1x256x14x14xf32>) -> tensor<1x256x14x14xf32> loc("stages.2.0.conv1.convolution_10")
    %31 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%30 : tensor<1x256x14x14xf32>) outs(%29 : tensor<1x256x14x14xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x256x14x14xf32> loc("stages.2.0.relu.relu_9")
    %padded_22 = tensor.pad %31 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x256x14x14xf32> to tensor<1x256x16x16xf32> loc("stages.2.0.conv2.convolution_11")
    %broadcasted_23 = linalg.broadcast ins(%arg24 : tensor<256xf32>) outs(%29 : tensor<1x256x14x14xf32>) dimensions = [0, 2, 3]  loc("stages.2.0.conv2.convolution_11")
    %32 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_22, %arg23 : tensor<1x256x16x16xf32>, tensor<256x256x3x3xf32>) outs(%broadcasted_23 : tensor<1x256x14x14xf32>) -> tensor<1x256x14x14xf32> loc("stages.2.0.conv2.convolution_11")
    %broadcasted_24 = linalg.broadcast ins(%arg26 : tensor<256xf32>) outs(%29 : tensor<1x256x14x14xf32>) dimensions = [0, 2, 3]  loc("stages.2.0.shortcut.0.convolution_12")
    %33 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%28, %arg25 : tensor<1x128x28x28xf32>, tensor<256x128x1x1xf32>) outs(%broadcasted_24 : tensor<1x256x14x14xf32>) -> tensor<1x256x14x14xf32> loc("stages.2.0.shortcut.0.convolution_12")
    %34 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%32, %33 : tensor<1x256x14x14xf32>, tensor<1x256x14x14xf32>) outs(%29 : tensor<1x256x14x14xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x256x14x14xf32> loc("add_4")
    %35 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%34 : tensor<1x256x14x14xf32>) outs(%29 : tensor<1x256x14x14xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x256x14x14xf32> loc("stages.2.0.relu.relu_10")
    %padded_25 = tensor.pad %35 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x256x14x14xf32> to tensor<1x256x16x16xf32> loc("stages.2.1.conv1.convolution_13")
    %broadcasted_26 = linalg.broadcast ins(%arg28 : tensor<256xf32>) outs(%29 : tensor<1x256x14x14xf32>) dimensions = [0, 2, 3]  loc("stages.2.1.conv1.convolution_13")
    %36 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_25, %arg27 : tensor<1x256x16x16xf32>, tensor<256x256x3x3xf32>) outs(%broadcasted_26 : tensor<1x256x14x14xf32>) -> tensor<1x256x14x14xf32> loc("stages.2.1.conv1.convolution_13")
    %37 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%36 : tensor<1x256x14x14xf32>) outs(%29 : tensor<1x256x14x14xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x256x14x14xf32> loc("stages.2.1.relu.relu_11")
    %padded_27 = tensor.pad %37 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x256x14x14xf32> to tensor<1x256x16x16xf32> loc("stages.2.1.conv2.convolution_14")
    %broadcasted_28 = linalg.broadcast ins(%arg30 : tensor<256xf32>) outs(%29 : tensor<1x256x14x14xf32>) dimensions = [0, 2, 3]  loc("stages.2.1.conv2.convolution_14")
    %38 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_27, %arg29 : tensor<1x256x16x16xf32>, tensor<256x256x3x3xf32>) outs(%broadcasted_28 : tensor<1x256x14x14xf32>) -> tensor<1x256x14x14xf32> loc("stages.2.1.conv2.convolution_14")
    %39 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%38, %35 : tensor<1x256x14x14xf32>, tensor<1x256x14x14xf32>) outs(%29 : tensor<1x256x14x14xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x256x14x14xf32> loc("add_5")
    %40 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%39 : tensor<1x256x14x14xf32>) outs(%29 : tensor<1x256x14x14xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x256x14x14xf32> loc("stages.2.1.relu.relu_12")
    %padded_29 = tensor.pad %40 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x256x14x14xf32> to tensor<1x256x16x16xf32> loc("stages.3.0.conv1.convolution_15")
    %41 = tensor.empty() : tensor<1x512x7x7xf32> loc("stages.3.0.conv1.convolution_15")
    %broadcasted_30 = linalg.broadcast ins(%arg32 : tensor<512xf32>) outs(%41 : tensor<1x512x7x7xf32>) dimensions = [0, 2, 3]  loc("stages.3.0.conv1.convolution_15")
    %42 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%padded_29, %arg31 : tensor<1x256x16x16xf32>, tensor<512x256x3x3xf32>) outs(%broadcasted_30 : tensor<1x512x7x7xf32>) -> tensor<1x512x7x7xf32> loc("stages.3.0.conv1.convolution_15")
    %43 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%42 : tensor<1x512x7x7xf32>) outs(%41 : tensor<1x512x7x7xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x512x7x7xf32> loc("stages.3.0.relu.relu_13")
    %padded_31 = tensor.pad %43 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x512x7x7xf32> to tensor<1x512x9x9xf32> loc("stages.3.0.conv2.convolution_16")
    %broadcasted_32 = linalg.broadcast ins(%arg34 : tensor<512xf32>) outs(%41 : tensor<1x512x7x7xf32>) dimensions = [0, 2, 3]  loc("stages.3.0.conv2.convolution_16")
    %44 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_31, %arg33 : tensor<1x512x9x9xf32>, tensor<512x512x3x3xf32>) outs(%broadcasted_32 : tensor<1x512x7x7xf32>) -> tensor<1x512x7x7xf32> loc("stages.3.0.conv2.convolution_16")
    %broadcasted_33 = linalg.broadcast ins(%arg36 : tensor<512xf32>) outs(%41 : tensor<1x512x7x7xf32>) dimensions = [0, 2, 3]  loc("stages.3.0.shortcut.0.convolution_17")
    %45 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<2> : vector<2xi64>} ins(%40, %arg35 : tensor<1x256x14x14xf32>, tensor<512x256x1x1xf32>) outs(%broadcasted_33 : tensor<1x512x7x7xf32>) -> tensor<1x512x7x7xf32> loc("stages.3.0.shortcut.0.convolution_17")
    %46 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%44, %45 : tensor<1x512x7x7xf32>, tensor<1x512x7x7xf32>) outs(%41 : tensor<1x512x7x7xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x512x7x7xf32> loc("add_6")
    %47 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%46 : tensor<1x512x7x7xf32>) outs(%41 : tensor<1x512x7x7xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x512x7x7xf32> loc("stages.3.0.relu.relu_14")
    %padded_34 = tensor.pad %47 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x512x7x7xf32> to tensor<1x512x9x9xf32> loc("stages.3.1.conv1.convolution_18")
    %broadcasted_35 = linalg.broadcast ins(%arg38 : tensor<512xf32>) outs(%41 : tensor<1x512x7x7xf32>) dimensions = [0, 2, 3]  loc("stages.3.1.conv1.convolution_18")
    %48 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_34, %arg37 : tensor<1x512x9x9xf32>, tensor<512x512x3x3xf32>) outs(%broadcasted_35 : tensor<1x512x7x7xf32>) -> tensor<1x512x7x7xf32> loc("stages.3.1.conv1.convolution_18")
    %49 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%48 : tensor<1x512x7x7xf32>) outs(%41 : tensor<1x512x7x7xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x512x7x7xf32> loc("stages.3.1.relu.relu_15")
    %padded_36 = tensor.pad %49 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg43: index, %arg44: index, %arg45: index, %arg46: index):
      tensor.yield %cst : f32
    } : tensor<1x512x7x7xf32> to tensor<1x512x9x9xf32> loc("stages.3.1.conv2.convolution_19")
    %broadcasted_37 = linalg.broadcast ins(%arg40 : tensor<512xf32>) outs(%41 : tensor<1x512x7x7xf32>) dimensions = [0, 2, 3]  loc("stages.3.1.conv2.convolution_19")
    %50 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_36, %arg39 : tensor<1x512x9x9xf32>, tensor<512x512x3x3xf32>) outs(%broadcasted_37 : tensor<1x512x7x7xf32>) -> tensor<1x512x7x7xf32> loc("stages.3.1.conv2.convolution_19")
    %51 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%50, %47 : tensor<1x512x7x7xf32>, tensor<1x512x7x7xf32>) outs(%41 : tensor<1x512x7x7xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x512x7x7xf32> loc("add_7")
    %52 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%51 : tensor<1x512x7x7xf32>) outs(%41 : tensor<1x512x7x7xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.cmpf ugt, %in, %cst : f32
      %63 = arith.select %62, %in, %cst : f32
      linalg.yield %63 : f32
    } -> tensor<1x512x7x7xf32> loc("stages.3.1.relu.relu_16")
    %53 = tensor.empty() : tensor<1x512x1x1xf32> loc("pool.mean")
    %54 = linalg.fill ins(%cst : f32) outs(%53 : tensor<1x512x1x1xf32>) -> tensor<1x512x1x1xf32> loc("pool.mean")
    %55 = linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "parallel", "reduction", "reduction"]} ins(%52 : tensor<1x512x7x7xf32>) outs(%54 : tensor<1x512x1x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.addf %in, %out : f32
      linalg.yield %62 : f32
    } -> tensor<1x512x1x1xf32> loc("pool.mean")
    %56 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%55 : tensor<1x512x1x1xf32>) outs(%53 : tensor<1x512x1x1xf32>) {
    ^bb0(%in: f32, %out: f32):
      %62 = arith.divf %in, %cst_1 : f32
      linalg.yield %62 : f32
    } -> tensor<1x512x1x1xf32> loc("pool.mean")
    %collapsed = tensor.collapse_shape %56 [[0], [1, 2, 3]] : tensor<1x512x1x1xf32> into tensor<1x512xf32> loc("view")
    %57 = tensor.empty() : tensor<512x1000xf32> loc("classifier.permute")
    %transposed = linalg.transpose ins(%arg41 : tensor<1000x512xf32>) outs(%57 : tensor<512x1000xf32>) permutation = [1, 0]  loc("classifier.permute")
    %58 = tensor.empty() : tensor<1x1000xf32> loc("classifier.mm")
    %59 = linalg.fill ins(%cst : f32) outs(%58 : tensor<1x1000xf32>) -> tensor<1x1000xf32> loc("classifier.mm")
    %60 = linalg.matmul ins(%collapsed, %transposed : tensor<1x512xf32>, tensor<512x1000xf32>) outs(%59 : tensor<1x1000xf32>) -> tensor<1x1000xf32> loc("classifier.mm")
    %61 = linalg.generic {indexing_maps = [#map2, #map3, #map2], iterator_types = ["parallel", "parallel"]} ins(%60, %arg42 : tensor<1x1000xf32>, tensor<1000xf32>) outs(%58 : tensor<1x1000xf32>) {
    ^bb0(%in: f32, %in_38: f32, %out: f32):
      %62 = arith.addf %in, %in_38 : f32
      linalg.yield %62 : f32
    } -> tensor<1x1000xf32> loc("classifier.add_8")
    return %61 : tensor<1x1000xf32> loc("output")
  } loc("args_0")
}
